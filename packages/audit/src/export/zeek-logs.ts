export type ZeekLogName =
  | "modbus"
  | "modbus_detailed"
  | "modbus_mask_write_register"
  | "modbus_read_write_multiple_registers"
  | "modwarden";

export interface ZeekField {
  readonly name: string;
  readonly type: string;
}

/** `name:type` pairs of one log, in order. */
function fields(text: string): readonly ZeekField[] {
  return text
    .trim()
    .split(/\s+/)
    .map((pair) => {
      const [name = "", type = ""] = pair.split(":");
      return { name, type };
    });
}

const CONNECTION = "ts:time uid:string id.orig_h:addr id.orig_p:port id.resp_h:addr id.resp_p:port";
const DIRECTION = `${CONNECTION} is_orig:bool source_h:addr source_p:port destination_h:addr destination_p:port modbus_detailed_link_id:string tid:count unit:count func:string request_response:string`;

/**
 * The logs and their fields: `modbus` of Zeek itself, the next three of icsnpp-modbus (scripts/main.zeek), and one of
 * our own for what only a gateway knows: who it was, and what was decided.
 */
export const zeekLogs: Readonly<Record<ZeekLogName, readonly ZeekField[]>> = {
  modbus: fields(`${CONNECTION} tid:count unit:count func:string pdu_type:string exception:string`),
  modbus_detailed: fields(
    `${CONNECTION} tid:count unit:count func:string address:count quantity:count request_values:vector[count] response_values:vector[count] modbus_detailed_link_id:string matched:bool request_subfunction_code:string response_subfunction_code:string request_data:string response_data:string exception_code:string mei_type:string`,
  ),
  modbus_mask_write_register: fields(`${DIRECTION} address:count and_mask:count or_mask:count`),
  modbus_read_write_multiple_registers: fields(
    `${DIRECTION} write_start_address:count write_registers:vector[count] read_start_address:count read_quantity:count read_registers:vector[count]`,
  ),
  modwarden: fields(
    `${CONNECTION} seq:count kind:string modbus_detailed_link_id:string gateway:string subject:string role:string device:string unit:count func:string write:bool points:vector[string] permit:bool because:string failed:string rules:vector[string] policy:string before:vector[count] findings:vector[string] evidence:vector[string]`,
  ),
};

export const zeekLogNames: readonly ZeekLogName[] = Object.keys(zeekLogs) as ZeekLogName[];
