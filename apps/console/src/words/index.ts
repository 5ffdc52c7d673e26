/** The words that the console speaks. */
import { english, type Words } from "./english.ts";

export const words: Words = english;
