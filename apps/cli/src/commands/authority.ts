import type { Command } from "commander";
import { giveLists } from "../authority/crl.ts";
import { requestCertificate } from "../authority/csr.ts";
import { importChain } from "../authority/import.ts";
import { setPassphrase } from "../authority/passphrase.ts";
import { showAuthority } from "../authority/show.ts";
import { createGroup } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";

export function authorityCommand(context: Context): Command {
  return createGroup(
    "authority",
    {
      summary: "The site's certificate authority: its chain, keys and lists",
      examples: [
        ["modwarden authority show", "the chain, where its keys are, what ends"],
        ["modwarden authority csr > issuing.csr", "asks the company's authority for a certificate"],
        ["modwarden authority import chain.pem", "and issues under what it answered"],
      ],
    },
    [
      showAuthority(context),
      requestCertificate(context),
      importChain(context),
      giveLists(context),
      setPassphrase(context),
    ],
  );
}
