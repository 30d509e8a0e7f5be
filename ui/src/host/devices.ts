import type { CertificateFiles } from "../bindings/CertificateFiles";
import type { CertificatePreview } from "../bindings/CertificatePreview";
import type { ChangeRequest } from "../bindings/ChangeRequest";
import type { DeviceRun } from "../bindings/DeviceRun";
import type { ExportRequest } from "../bindings/ExportRequest";
import type { ExportedClaim } from "../bindings/ExportedClaim";
import type { FailureView } from "../bindings/FailureView";
import type { Job } from "../bindings/Job";
import type { KnownDevice } from "../bindings/KnownDevice";
import type { LookUp } from "../bindings/LookUp";
import type { OpenRequest } from "../bindings/OpenRequest";
import type { OpenedClaim } from "../bindings/OpenedClaim";
import type { PickedFile } from "../bindings/PickedFile";
import type { Provisioned } from "../bindings/Provisioned";
import type { RegisterRequest } from "../bindings/RegisterRequest";
import type { Registered } from "../bindings/Registered";
import type { ReissueRequest } from "../bindings/ReissueRequest";
import type { Reissued } from "../bindings/Reissued";
import type { Revoked } from "../bindings/Revoked";
import type { Status } from "../bindings/Status";
import type { Step } from "../bindings/Step";
import type { Thing } from "../bindings/Thing";
import type { Verified } from "../bindings/Verified";
import type { VerifyRequest } from "../bindings/VerifyRequest";
import type { Why } from "../bindings/Why";
import type { WriteClaimRequest } from "../bindings/WriteClaimRequest";
import type { JsonValue } from "../bindings/serde_json/JsonValue";

export type {
  CertificateFiles,
  CertificatePreview,
  ChangeRequest,
  DeviceRun,
  ExportRequest,
  KnownDevice,
  LookUp,
  OpenRequest,
  OpenedClaim,
  PickedFile,
  RegisterRequest,
  ReissueRequest,
  VerifyRequest,
  WriteClaimRequest,
};

/** What the help desk asks of the program behind the window: the jobs of core without a device, and re-issuing. */
export interface DevicesHost {
  /** Looks in the registry and in the journal. What the registry refuses stands in the answer: the journal answers all the same. */
  findDevices(query: string): Promise<LookUp>;
  /** `thing-not-found` where there is none. */
  inspectThing(thingName: string): Promise<Thing>;
  /** What this computer's journal has of a thing, newest first, at most 100 runs. */
  deviceHistory(thingName: string): Promise<DeviceRun[]>;

  /** Activates, deactivates or deletes certificates of a thing. */
  changeCertificates(request: ChangeRequest): Promise<Recorded<Revoked>>;
  /**
   * Resolves when the run is over, however it ended: the outcome comes by `onEvent`. `cancel` stops it.
   * `password`: as in `provision`, here and below.
   */
  reissue(request: ReissueRequest, password: string | null, onEvent: (event: JobEvent<Reissued>) => void): Promise<void>;

  /** Opens the system's file dialog for certificates and keys. Empty if the operator closed it. */
  chooseCertificateFiles(): Promise<PickedFile[]>;
  /** Takes files that were dropped on the window, so that they can be previewed. */
  takeDroppedFiles(paths: string[]): Promise<PickedFile[]>;
  /** What is in the files. `p12-password` where one is needed, or another. */
  previewCertificate(request: CertificateFiles): Promise<CertificatePreview>;
  registerCertificate(request: RegisterRequest): Promise<Recorded<Registered>>;

  /** Resolves when all checks are made. A check that failed makes the run fail; each one came as a step before. */
  verifyIdentity(request: VerifyRequest, password: string | null, onEvent: (event: JobEvent<Verified>) => void): Promise<void>;

  /** A passphrase that nobody guesses, for reading out on the telephone. */
  suggestPassphrase(): Promise<string>;
  /** Opens the system's folder dialog. `null` if the operator closed it. */
  chooseClaimFolder(): Promise<string | null>;
  exportClaim(request: ExportRequest, onEvent: (event: JobEvent<ExportedClaim>) => void): Promise<void>;

  /** Opens the system's file dialog for a claim file. `null` if the operator closed it. */
  chooseClaimFile(): Promise<PickedFile | null>;
  /** Opens a claim file. `passphrase-wrong`, `claim-file-invalid`, `claim-file-expired`. Needs nobody signed in. */
  openClaimFile(request: OpenRequest): Promise<OpenedClaim>;
  /** Writes the claim that was opened last. Needs nobody signed in and no network. `cancel` stops it. */
  writeClaim(request: WriteClaimRequest, password: string | null, onEvent: (event: JobEvent<Provisioned>) => void): Promise<void>;
}

/** An event of any job. The order is promised by core: as `RunEvent`, with another result. */
export type JobEvent<Result> =
  | { event: "started"; run: string; job: Job }
  | { event: "step"; step: Step; status: Status; detail: Record<string, JsonValue>; ms: number | null }
  | { event: "finished"; run: string; result: Result; unrecorded: Why | null }
  | { event: "failed"; run: string; failure: FailureView; unrecorded: Why | null };

/** A result, and why the journal does not hold the run. */
export type Recorded<Result> = Result & { unrecorded: Why | null };
