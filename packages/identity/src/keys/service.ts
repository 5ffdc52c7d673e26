import type { Context } from "../context.ts";
import type { RegistrationKeys } from "../types.ts";
import { authenticity, serialRecords } from "./authentic.ts";
import { createBatch, deriveKeys, exportBatch } from "./batches.ts";
import { createKey, createKeys } from "./create.ts";
import { importKeys } from "./import.ts";
import { listIssuers, revokeIssuer, trustIssuer } from "./issuers.ts";
import { reportLeak } from "./leak.ts";
import { exportLedger, importLedger } from "./ledger.ts";
import { countKeys, listKeys, showKey } from "./list.ts";
import { revokeKey } from "./revoke.ts";

/** Everything that is done with registration keys but enrolling. */
export function registrationKeys(context: Context): RegistrationKeys {
  return {
    create: (options) => createKey(context, options),
    createMany: (options, many) => createKeys(context, options, many),
    list: (options) => listKeys(context, options),
    count: (options) => countKeys(context, options),
    show: (id) => showKey(context, id),
    revoke: (id) => revokeKey(context, id),
    issuers: {
      trust: (trust) => trustIssuer(context, trust),
      list: () => listIssuers(context),
      revoke: (id) => revokeIssuer(context, id),
    },
    import: (entries, options) => importKeys(context, entries, options),
    reportLeak: (report) => reportLeak(context, report),
    authenticity: (question) => authenticity(context, question),
    bySerial: (serial) => serialRecords(context, serial),
    ledger: {
      export: () => exportLedger(context),
      import: (text) => importLedger(context, text),
    },
    batches: {
      create: (name, options) => createBatch(context, name, options),
      derive: (name, serials) => deriveKeys(context, name, serials),
      export: (name) => exportBatch(context, name),
    },
  };
}
