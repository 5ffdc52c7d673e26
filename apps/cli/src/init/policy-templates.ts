import { policyTemplate } from "./templates.ts";

/** Policies to start from. They load, and pass their own tests, with the site that `init` writes. */
const readOnly = `# Everybody looks, nobody touches. What no rule permits is refused; forbid beats permit.
policy: 1
mode: enforce                     # enforce | shadow (judge and record, forward all the same)
roles: [Viewer]

rules:
  - id: viewers-read
    permit: { roles: [Viewer] }
    allow: [{ functions: [1, 2, 3, 4, 7, 11, 12, 17, 20, 24, 43/14] }]

  # Nothing needs this rule today: it keeps the site read-only whatever somebody permits later.
  - id: nobody-writes
    forbid: { roles: "*" }
    deny: [{ functions: [5, 6, 15, 16, 21, 22, 23] }, { functions: [8/1, 8/4] }]

# \`modwarden policy test policy.yaml --site site.yaml\` runs these.
tests:
  - { as: Viewer, unit: 1, function: 4, address: 0, quantity: 2, expect: permit }
  - { as: Viewer, unit: 1, function: 43/14, expect: permit }
  - { as: Viewer, unit: 3, function: 6, address: 50009, value: 1, expect: deny, because: forbid }
  - { as: Viewer, unit: 3, function: 23, read: { address: 0, quantity: 1 }, write: { address: 50009, values: [1] }, expect: deny, because: forbid }
  - { as: Viewer, unit: 1, function: 8/1, expect: deny, because: forbid }
  - { as: null, unit: 1, function: 4, address: 0, quantity: 2, expect: deny, because: unknown-subject }
`;

const iec62351 = `# The roles of IEC 62351-8 on Modbus. None of them is built in: names and rights are yours (Modbus/TCP Security R-26 to
# R-28). What is a command and what a setting is said by the labels in the device files: put yours in place of
# \`setpoint\` and \`command\`, which are the labels of the built-in device files.
policy: 1
mode: enforce                     # enforce | shadow (judge and record, forward all the same)
# Who administers keys, certificates and roles (SECADM, RBACMNT) or looks at the log (SECAUD) reads and writes no process
# value: separation of duties. They are declared, so that keys can be made for them, and no rule permits them anything.
roles: [VIEWER, OPERATOR, ENGINEER, INSTALLER, SECADM, SECAUD, RBACMNT]

rules:
  - id: viewers-read
    permit: { roles: [VIEWER, OPERATOR, ENGINEER, INSTALLER] }
    allow: [{ functions: [1, 2, 3, 4, 7, 11, 12, 17, 20, 24, 43/14] }]

  # Limits are in the point's own units. A write over plain Modbus needs a rule whose \`when\` names its transport.
  - id: operators-set
    permit: { roles: [OPERATOR, ENGINEER, INSTALLER] }
    allow: [{ write: { label: setpoint }, min: 0, max: 100 }]

  - id: engineers-configure
    permit: { roles: [ENGINEER, INSTALLER] }
    allow: [{ write: { label: command } }, { functions: [8, 21] }]

  # Restart and listen-only mode take a device from everybody: only who installs it may.
  - id: restart-and-listen-only
    forbid: { roles: [ENGINEER] }
    deny: [{ functions: [8/1, 8/4] }]

# \`modwarden policy test policy.yaml --site site.yaml\` runs these.
tests:
  - { as: VIEWER, unit: 1, function: 4, address: 0, quantity: 2, expect: permit }
  - { as: VIEWER, unit: 3, write: setpoint, value: 40, expect: deny, because: no-permit }
  - { as: OPERATOR, unit: 3, write: setpoint, value: 40, expect: permit }
  - { as: OPERATOR, unit: 3, write: setpoint, value: 101, expect: deny, because: max }
  - { as: OPERATOR, unit: 3, write: control_word, value: 0, expect: deny, because: no-permit }
  - { as: ENGINEER, unit: 3, write: control_word, value: 0, expect: permit }
  - { as: ENGINEER, unit: 3, function: 8/1, expect: deny, because: forbid }
  - { as: INSTALLER, unit: 3, function: 8/1, expect: permit }
  - { as: SECADM, unit: 1, function: 4, address: 0, quantity: 2, expect: deny, because: no-permit }
  - { as: SECAUD, unit: 3, write: setpoint, value: 40, expect: deny, because: no-permit }
  - { as: RBACMNT, unit: 1, function: 43/14, expect: deny, because: no-permit }
  - { as: null, unit: 1, function: 4, address: 0, quantity: 2, expect: deny, because: unknown-subject }
`;

const sunspec = `# The four roles of Secure SunSpec Modbus 1.0. None of them is built in: names and rights are yours (Modbus/TCP Security
# R-26 to R-28). What a grid service commands, and what only an administrator touches, is said by the labels in the device
# files: put yours in place of \`setpoint\` and \`command\`, which are the labels of the built-in device files.
policy: 1
mode: enforce                     # enforce | shadow (judge and record, forward all the same)
roles: [ReadOnlySunSpec, GridServiceSunSpec, NetworkAdministratorSunSpec, SuperAdministratorSunSpec]

rules:
  # Every role reads everything. A certificate without a role, or with one that is not listed, gets exception 01.
  - id: everyone-reads
    permit: { roles: [ReadOnlySunSpec, GridServiceSunSpec, NetworkAdministratorSunSpec, SuperAdministratorSunSpec] }
    allow: [{ functions: [3, 4] }]

  - id: grid-services-command
    permit: { roles: [GridServiceSunSpec, NetworkAdministratorSunSpec, SuperAdministratorSunSpec] }
    allow: [{ write: { label: setpoint }, min: 0, max: 100 }]

  - id: administrators-protect
    permit: { roles: [NetworkAdministratorSunSpec, SuperAdministratorSunSpec] }
    allow: [{ write: { label: command } }]

  # Points without either label are written by nobody else.
  - id: the-rest
    permit: { roles: [SuperAdministratorSunSpec] }
    allow: [{ functions: [6, 16] }]

# \`modwarden policy test policy.yaml --site site.yaml\` runs these: the truth table, row by row.
tests:
  - { as: ReadOnlySunSpec, unit: 1, function: 4, address: 0, quantity: 4, expect: permit }
  - { as: ReadOnlySunSpec, unit: 3, write: setpoint, value: 40, expect: deny, because: no-permit }
  - { as: ReadOnlySunSpec, unit: 3, write: control_word, value: 0, expect: deny, because: no-permit }
  - { as: GridServiceSunSpec, unit: 1, function: 4, address: 0, quantity: 4, expect: permit }
  - { as: GridServiceSunSpec, unit: 3, write: setpoint, value: 40, expect: permit }
  - { as: GridServiceSunSpec, unit: 3, write: setpoint, value: 101, expect: deny, because: max }
  - { as: GridServiceSunSpec, unit: 3, write: control_word, value: 0, expect: deny, because: no-permit }
  - { as: NetworkAdministratorSunSpec, unit: 3, write: setpoint, value: 40, expect: permit }
  - { as: NetworkAdministratorSunSpec, unit: 3, write: control_word, value: 0, expect: permit }
  - { as: NetworkAdministratorSunSpec, unit: 3, function: 6, address: 50008, value: 1, expect: deny, because: no-permit }
  - { as: SuperAdministratorSunSpec, unit: 3, function: 6, address: 50008, value: 1, expect: permit }
  - { as: null, unit: 1, function: 4, address: 0, quantity: 4, expect: deny, because: unknown-subject }
`;

export const policyTemplateNames = ["simple", "read-only", "iec62351-8", "sunspec"] as const;
export type PolicyTemplateName = (typeof policyTemplateNames)[number];

export const policyTemplates: Readonly<Record<PolicyTemplateName, string>> = {
  simple: policyTemplate,
  "read-only": readOnly,
  "iec62351-8": iec62351,
  sunspec,
};
