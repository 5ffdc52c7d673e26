import { callSuite } from "./testing/call-suite.ts";
import { services } from "./testing/services.ts";

for (const kind of services) callSuite(kind);
