import type { DeviceInHand } from "../bindings/DeviceInHand";

/** Who logs in on the device itself. */
export interface Login {
  user: string;
  /** Goes to the program with the next run, and nowhere else. */
  password: string;
}

/** The driver that logs in, for a device that was found out to want it. */
export const LOGS_IN = "console";

/** What failed for want of a login, with one. */
export function withUser<Request extends DeviceInHand>(request: Request, user: string): Request {
  return {
    ...request,
    driver: request.driver ?? LOGS_IN,
    driverSettings: { ...request.driverSettings, user },
  };
}
