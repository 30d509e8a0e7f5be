import type { Act } from "../bindings/Act";
import type { Code } from "../bindings/Code";
import type { ExportedClaim } from "../bindings/ExportedClaim";
import type { FailureView } from "../bindings/FailureView";
import type { Found } from "../bindings/Found";
import type { Job } from "../bindings/Job";
import type { Preview } from "../bindings/Preview";
import type { Provisioned } from "../bindings/Provisioned";
import type { Registered } from "../bindings/Registered";
import type { Reissued } from "../bindings/Reissued";
import type { Revoked } from "../bindings/Revoked";
import type { Status } from "../bindings/Status";
import type { Step } from "../bindings/Step";
import type { Thing } from "../bindings/Thing";
import type { Verified } from "../bindings/Verified";
import type { JsonValue } from "../bindings/serde_json/JsonValue";

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
  /** Resolves when the run is over, however it ended: the outcome comes by `onEvent`. `cancel` stops it. */
  reissue(request: ReissueRequest, onEvent: (event: JobEvent<Reissued>) => void): Promise<void>;

  /** Opens the system's file dialog for certificates and keys. Empty if the operator closed it. */
  chooseCertificateFiles(): Promise<PickedFile[]>;
  /** Takes files that were dropped on the window, so that they can be previewed. */
  takeDroppedFiles(paths: string[]): Promise<PickedFile[]>;
  /** What is in the files. `p12-password` where one is needed, or another. */
  previewCertificate(request: CertificateFiles): Promise<CertificatePreview>;
  registerCertificate(request: RegisterRequest): Promise<Recorded<Registered>>;

  /** Resolves when all checks are made. A check that failed makes the run fail; each one came as a step before. */
  verifyIdentity(request: VerifyRequest, onEvent: (event: JobEvent<Verified>) => void): Promise<void>;

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
  writeClaim(request: WriteClaimRequest, onEvent: (event: JobEvent<Provisioned>) => void): Promise<void>;
}

/** An event of any job. The order is promised by core: as `RunEvent`, with another result. */
export type JobEvent<Result> =
  | { event: "started"; run: string; job: Job }
  | { event: "step"; step: Step; status: Status; detail: Record<string, JsonValue>; ms: number | null }
  | { event: "finished"; run: string; result: Result; unrecorded: string | null }
  | { event: "failed"; run: string; failure: FailureView; unrecorded: string | null };

/** A result, and why the journal does not hold the run. */
export type Recorded<Result> = Result & { unrecorded: string | null };

export interface LookUp {
  /** `null` where it did not answer. */
  registry: Found | null;
  /** Why it did not. */
  failure: FailureView | null;
  /** Things of this site whose name, serial number or certificate ID begins with what was asked, newest first, at most 50. */
  journal: KnownDevice[];
}

/** A thing that the journal knows. */
export interface KnownDevice {
  thingName: string;
  serialNumber: string;
  lastRun: DeviceRun;
}

/** One run, as the journal has it. Jobs, steps and codes may be those of another version. */
export interface DeviceRun {
  run: string;
  job: string;
  /** RFC 3339. */
  startedAt: string;
  /** RFC 3339; `null` while it runs, and for good if its process was killed. */
  endedAt: string | null;
  operator: string | null;
  target: string;
  certificateId: string | null;
  outcome: "running" | "finished" | "failed" | "interrupted";
  code: Code | (string & {}) | null;
  step: string | null;
}

export interface ChangeRequest {
  thingName: string;
  /** `null`: all of the thing's. */
  certificateId: string | null;
  act: Act;
}

export interface ReissueRequest {
  serialNumber: string;
  target: string;
  /** `device`: it gets a claim and registers itself. `here`: Fieldkey does the device's part. */
  way: "device" | "here";
  /** Somebody else may have the old key: the old certificates are deactivated first. */
  compromised: boolean;
}

/** A file that the operator chose or dropped. Its path and its content stay with the program. */
export interface PickedFile {
  id: string;
  name: string;
  bytes: number;
}

export interface CertificateFiles {
  /** IDs of picked files: one with the certificate, and perhaps one with its private key. */
  files: string[];
  password: string | null;
}

export interface CertificatePreview {
  certificate: Preview;
  /** Its own key signed it. */
  selfSigned: boolean;
  /** Why it cannot be registered. */
  refused: FailureView | null;
}

export interface RegisterRequest extends CertificateFiles {
  thingName: string;
  status: "ACTIVE" | "INACTIVE";
}

export interface VerifyRequest {
  /** Where the identity is: `drive:PATH`. */
  target: string;
  mqtt: boolean;
  /** Temporary credentials through the role alias. */
  direct: boolean;
  /** An S3 bucket to read with them. */
  bucket: string | null;
}

export interface ExportRequest {
  serialNumber: string;
  passphrase: string;
  folder: string;
}

export interface OpenRequest {
  /** A picked file's ID. */
  file: string;
  passphrase: string;
}

/** An opened claim file. Its certificate and key stay with the program. */
export interface OpenedClaim {
  name: string;
  site: string;
  serialNumber: string;
  thingName: string;
  /** RFC 3339. */
  expires: string;
  secondsLeft: number;
}

export interface WriteClaimRequest {
  target: string;
  /** Overwrite an identity or a live claim. */
  replace: boolean;
}
