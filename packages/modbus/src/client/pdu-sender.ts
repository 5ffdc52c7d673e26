import {
  BadPduError,
  describeRequest,
  encodeRequest,
  MAX_PDU,
  ModbusError,
  type Request,
  type RequestKind,
  type ResponseTo,
  requestSize,
} from "@modwarden/protocol";
import { checkPduLength } from "../engine/engine.ts";
import { broadcastResponse } from "./broadcast.ts";
import { RawCall, RequestCall } from "./call.ts";
import type { Exchange } from "./exchange.ts";
import type { RequestOptions, Sender } from "./sender.ts";

const noOptions: RequestOptions = Object.freeze({});

/** Turns requests into PDUs and response PDUs into results. */
export class PduSender implements Sender<RequestOptions> {
  readonly #exchange: Exchange;
  readonly #unit: number;
  readonly #line: boolean;
  readonly #usual: { readonly anyUnit: boolean; readonly toAll: undefined };
  readonly #scratch: Uint8Array = new Uint8Array(MAX_PDU);

  constructor(exchange: Exchange, unit: number, anyUnit: boolean, line: boolean) {
    this.#exchange = exchange;
    this.#unit = unit;
    this.#line = line;
    this.#usual = { anyUnit, toAll: undefined };
  }

  ask<Kind extends RequestKind, Result>(
    request: Extract<Request, { readonly kind: Kind }>,
    take: (response: ResponseTo<Kind>) => Result,
    options: RequestOptions = noOptions,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (requestSize(request) > MAX_PDU) throw new BadPduError(3, `${describeRequest(request)} does not fit a PDU`);
      const end = encodeRequest(request, this.#scratch, 0);
      const unit = options.unit ?? this.#unit;
      // Over TCP unit 0 is the device itself. MODBUS Messaging on TCP/IP V1.0b § 4.4.1.2
      const how = this.#line && unit === 0 ? { ...this.#usual, toAll: broadcastResponse(request) } : this.#usual;
      const call = new RequestCall(request, take, { resolve, reject }, unit, options, how);
      this.#exchange.start(this.#scratch, end, call);
    });
  }

  request<Kind extends RequestKind>(
    request: Extract<Request, { readonly kind: Kind }>,
    options?: RequestOptions,
  ): Promise<ResponseTo<Kind>> {
    return this.ask(request, itself<ResponseTo<Kind>>, options);
  }

  raw(pdu: Uint8Array, options: RequestOptions = noOptions): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      // A Buffer of another realm, as some test runners have, is no instance of this one's Uint8Array.
      if (!ArrayBuffer.isView(pdu) || pdu.BYTES_PER_ELEMENT !== 1) {
        throw new ModbusError("ERR_MODBUS_BAD_VALUE", "a PDU is a Uint8Array");
      }
      checkPduLength(pdu.length);
      const unit = options.unit ?? this.#unit;
      const call = new RawCall(pdu[0]!, { resolve, reject }, unit, options, this.#usual.anyUnit);
      this.#exchange.start(pdu, pdu.length, call);
    });
  }
}

function itself<Value>(value: Value): Value {
  return value;
}
