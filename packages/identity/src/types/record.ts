/** What a device can do on Modbus, as it says of itself or as the gateway has read. */
export interface Capabilities {
  /** Function codes, with sub-function or MEI type where it has one: "3", "8/1", "43/14". */
  readonly functions?: readonly string[];
  readonly tables?: readonly ("coil" | "discrete" | "holding" | "input")[];
  /** Device identification by object name: VendorName, ProductCode and the like. Function 43/14 */
  readonly objects?: Readonly<Record<string, string>>;
}

/** What one that enrols says of itself. All of it is its own word, and is kept as such. */
export interface DeviceDescription {
  /** Where it is reached, such as `modbus+tls://10.0.0.11:802`. */
  readonly address?: string;
  /** A number claims that unit; "auto" takes the lowest free one of 1 to 247. */
  readonly unit?: number | "auto";
  readonly model?: string;
  readonly firmware?: string;
  readonly capabilities?: Capabilities;
  /** Its own settings, by name. */
  readonly configuration?: Readonly<Record<string, string>>;
}
