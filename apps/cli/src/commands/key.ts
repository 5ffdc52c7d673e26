import type { Command } from "commander";
import { createGroup } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { batchCommand } from "../key/batch.ts";
import { checkKey } from "../key/check.ts";
import { createKey } from "../key/create.ts";
import { importKeys } from "../key/import.ts";
import { issuerCommand } from "../key/issuer.ts";
import { ledgerCommand } from "../key/ledger.ts";
import { listKeys } from "../key/list.ts";
import { reportLeak } from "../key/report-leak.ts";
import { revokeKey } from "../key/revoke.ts";
import { showKey } from "../key/show.ts";
import { signKey } from "../key/sign.ts";

export function keyCommand(context: Context): Command {
  return createGroup(
    "key",
    {
      summary: "Registration keys: make, sign, derive, import, check, list and revoke them",
      examples: [
        ["modwarden key create --kind client --role Operator", "one use, 24 hours; shown once, with the pin"],
        ["modwarden key list", "what is left of them"],
        ["modwarden key check key.txt --site site.yaml", "whether a key is one of the site's"],
      ],
    },
    [
      createKey(context),
      listKeys(context),
      showKey(context),
      revokeKey(context),
      importKeys(context),
      checkKey(context),
      reportLeak(context),
      signKey(context),
      issuerCommand(context),
      ledgerCommand(context),
      batchCommand(context),
    ],
  );
}
