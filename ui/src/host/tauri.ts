import { Channel, invoke } from "@tauri-apps/api/core";

import type { Host } from "./host";

export const tauriHost: Host = {
  start: () => invoke("start"),
  chooseSite: () => invoke("choose_site"),
  signIn: (request) => invoke("sign_in", { request }),
  answer: (answer) => invoke("answer", { answer }),
  forgotPassword: (user) => invoke("forgot_password", { user }),
  confirmForgotPassword: (request) => invoke("confirm_forgot_password", { request }),
  signOut: () => invoke("sign_out"),
  watchTargets: (onChange) => invoke("watch_targets", { onChange: new Channel(onChange) }),
  chooseFolder: () => invoke("choose_folder"),
  provision: (request, onEvent) => invoke("provision", { request, onEvent: new Channel(onEvent) }),
  cancel: () => invoke("cancel"),
  setLanguage: (language) => invoke("set_language", { language }),
};
