import type { ExportedClaim } from "../../bindings/ExportedClaim";
import type { FailureView } from "../../bindings/FailureView";
import type { Provisioned } from "../../bindings/Provisioned";
import type { Registered } from "../../bindings/Registered";
import type { Reissued } from "../../bindings/Reissued";
import type { Revoked } from "../../bindings/Revoked";
import type { Thing } from "../../bindings/Thing";
import type { Verified } from "../../bindings/Verified";
import type {
  CertificateFiles,
  CertificatePreview,
  ChangeRequest,
  DeviceRun,
  DevicesHost,
  ExportRequest,
  JobEvent,
  LookUp,
  OpenedClaim,
  OpenRequest,
  PickedFile,
  Recorded,
  RegisterRequest,
  ReissueRequest,
  VerifyRequest,
  WriteClaimRequest,
} from "../devices";
import * as samples from "./devices-samples";

/** What a fake host answers at the help desk. Lists are answered in order, their last entry again and again. */
export interface DevicesScript {
  lookUps: (LookUp | FailureView)[];
  things: (Thing | FailureView)[];
  history: DeviceRun[] | FailureView;
  change: FailureView | null;
  files: PickedFile[];
  previews: (CertificatePreview | FailureView)[];
  registered: FailureView | null;
  claimFolder: string | null;
  claimFile: PickedFile | null;
  openedClaims: (OpenedClaim | FailureView)[];
  /** Events of the next run, played at once; without them `emit` does. */
  reissue: JobEvent<Reissued>[];
  verify: JobEvent<Verified>[];
  exportClaim: JobEvent<ExportedClaim>[];
  writeClaim: JobEvent<Provisioned>[];
}

export const obligingDesk: DevicesScript = {
  lookUps: [samples.lookedUp],
  things: [samples.thing],
  history: samples.history,
  change: null,
  files: samples.files,
  previews: [samples.preview],
  registered: null,
  claimFolder: "/home/sato/claims",
  claimFile: samples.claimFile,
  openedClaims: [samples.openedClaim],
  reissue: [],
  verify: [],
  exportClaim: [],
  writeClaim: [],
};

/** How a fake answers: it notes the call, waits if it is held, and throws a failure. */
type Answer = <T>(call: string, asked: unknown, answer: T | FailureView) => Promise<T>;

/** The run that is under way. */
export interface Playing {
  take: (event: JobEvent<never>) => void;
  over: () => void;
}

export function fakeDesk(
  script: DevicesScript,
  answer: Answer,
  playing: (run: Playing) => void,
  /** The password of the device's own user came with a run. */
  given: (password: string | null) => unknown,
): DevicesHost {
  function play<Result>(call: string, asked: unknown, events: JobEvent<Result>[], onEvent: (event: JobEvent<Result>) => void): Promise<void> {
    return answer(call, asked, undefined).then(
      () =>
        new Promise<void>((over) => {
          playing({ take: onEvent as (event: JobEvent<never>) => void, over });
          for (const event of events) onEvent(event);
          if (events.some(({ event }) => event === "finished" || event === "failed")) over();
        }),
    );
  }
  const change = (request: ChangeRequest): Recorded<Revoked> => ({
    thingName: request.thingName,
    certificates: [request.certificateId ?? ""],
    act: request.act,
    unrecorded: null,
  });
  const registered = ({ thingName, status }: RegisterRequest): Recorded<Registered> => ({
    thingName,
    status,
    ...samples.preview.certificate,
    unrecorded: null,
  });
  return {
    findDevices: (query) => answer("findDevices", query, next(script.lookUps)),
    inspectThing: (thingName) => answer("inspectThing", thingName, next(script.things)),
    deviceHistory: (thingName) => answer("deviceHistory", thingName, script.history),
    changeCertificates: (request) => answer("changeCertificates", request, script.change ?? change(request)),
    reissue: (request: ReissueRequest, password, onEvent) => {
      given(password);
      return play("reissue", request, script.reissue, onEvent);
    },
    chooseCertificateFiles: () => answer("chooseCertificateFiles", undefined, script.files),
    takeDroppedFiles: (paths) => answer("takeDroppedFiles", paths, script.files),
    previewCertificate: (request: CertificateFiles) => answer("previewCertificate", request, next(script.previews)),
    registerCertificate: (request) => answer("registerCertificate", request, script.registered ?? registered(request)),
    verifyIdentity: (request: VerifyRequest, password, onEvent) => {
      given(password);
      return play("verifyIdentity", request, script.verify, onEvent);
    },
    suggestPassphrase: () => answer("suggestPassphrase", undefined, samples.passphrase),
    chooseClaimFolder: () => answer("chooseClaimFolder", undefined, script.claimFolder),
    exportClaim: (request: ExportRequest, onEvent) => play("exportClaim", request, script.exportClaim, onEvent),
    chooseClaimFile: () => answer("chooseClaimFile", undefined, script.claimFile),
    openClaimFile: (request: OpenRequest) => answer("openClaimFile", request, next(script.openedClaims)),
    writeClaim: (request: WriteClaimRequest, password, onEvent) => {
      given(password);
      return play("writeClaim", request, script.writeClaim, onEvent);
    },
  };
}

function next<T>(answers: T[]): T {
  const [first] = answers;
  if (answers.length > 1) answers.shift();
  return first as T;
}
