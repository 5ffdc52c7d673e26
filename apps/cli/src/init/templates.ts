/** What `modwarden init` writes: both load as they are, and each line says what it is for. */
export const siteTemplate = `# One installation of modwarden. \`modwarden check site.yaml\` names file, line and column of anything wrong.
modwarden: 1
site: plant
data: ./data                      # registry, keys, audit log: mode 0700, locked while in use. Back it up.

gateway:
  id: gw1
  names: [localhost, 127.0.0.1]   # what its certificate says: how clients reach it
  # zone: hall-2                  # stands in every record
  listen:
    # Modbus/TCP Security: who asks, and in which role, is in the client's certificate (port 802 needs a privilege).
    - url: "modbus+tls://127.0.0.1:8802"
    # Plain Modbus: who asks is the registered source address; any other source is closed. Make the identity with
    #   modwarden identity add legacy-hmi --kind client --role Viewer
    - url: "modbus+tcp://127.0.0.1:1502"
      sources: { 127.0.0.1/32: legacy-hmi }
      # devices: [meter]          # what this listener reaches; all, when left out
  devices:
    # unit: how clients address it. at: where it really is, and its own unit. profile: built in, or a path.
    - { id: meter, unit: 1, profile: eastron-sdm630, at: "modbus+tcp://127.0.0.1:15020?unit=1" }
    - { id: drive, unit: 3, profile: danfoss-fc51, at: "modbus+tcp://127.0.0.1:15020?unit=3", timeoutMs: 500 }

policy: policy.yaml               # who may do what

enrolment: { listen: "https://127.0.0.1:8443" }
console: { listen: "http://127.0.0.1:8080" }      # loopback only
audit:
  reads: rollup                   # rollup: one record per minute and reader · each: every one
  onFailure: { write: refuse, read: forward }     # when the log cannot be written
`;

export const policyTemplate = `# Who may do what. What no rule permits is refused; forbid beats permit; the order of rules never matters.
policy: 1
mode: enforce                     # enforce | shadow (judge and record, forward all the same)
roles: [Viewer, Operator]

rules:
  - id: everyone-reads
    permit: { roles: [Viewer, Operator] }
    units: [1-4]
    allow: [{ functions: [1, 2, 3, 4] }, { functions: [43/14] }]

  - id: setpoint
    permit: { roles: [Operator] }
    devices: [drive]
    allow: [{ write: setpoint, min: 0, max: 80 }]   # in the point's own units
    # A write over plain Modbus needs a rule that says so:
    # when: { transports: [tls, tcp] }

  - id: never
    forbid: { roles: "*" }
    deny: [{ functions: [8/1, 8/4, 90] }]

# \`modwarden policy test policy.yaml --site site.yaml\` runs these.
tests:
  - { as: Operator, unit: 3, write: setpoint, value: 40, expect: permit }
  - { as: Operator, unit: 3, write: setpoint, value: 90, expect: deny, because: max }
  - { as: Viewer, unit: 3, write: setpoint, value: 40, expect: deny, because: no-permit }
`;
