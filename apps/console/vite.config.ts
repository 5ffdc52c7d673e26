import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Everything stands in hashed files of our own: the server's policy allows no inline script, style or data address. */
export default defineConfig({
  plugins: [react(), tailwind()],
  build: {
    // Into the command's package: what is installed as `modwarden` brings its console along.
    outDir: "../cli/dist/console",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
