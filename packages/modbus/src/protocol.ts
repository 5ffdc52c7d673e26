/** The bytes and their meaning, for users of the library, who have only this one package. */
export * from "@modwarden/protocol";
