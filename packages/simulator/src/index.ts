/** Devices that behave and fail, from profiles and a plant file. */
export { DeviceFaults } from "./device/device-faults.ts";
export { Registers } from "./device/registers.ts";
export { SimulatedUnit } from "./device/unit.ts";
export { ExpressionError } from "./expression/error.ts";
export { parseExpression } from "./expression/parse.ts";
export { type LineFault, LineFaults } from "./line-faults.ts";
export { builtinPlant, builtinPlantNames, builtinPlantText } from "./plant/builtin.ts";
export { type Coupling, type PlantDocument, type PlantUnit, plantOfProfiles } from "./plant/document.ts";
export { loadPlant } from "./plant/load.ts";
export { Plant, type PlantOptions } from "./plant/plant.ts";
export { readPlant } from "./plant/read.ts";
export { type FaultEntry, type FaultTarget, plantJsonSchema } from "./plant/schema.ts";
export { type Simulation, type SimulatorOptions, startSimulator } from "./simulation.ts";
