//! Certificates that exist already: previewed, then registered.

use std::path::PathBuf;

use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::x509::{self, CertificateFile};
use fieldkey_core::{Code, Failure, Ports, Register, Registered, Step, about_the_file, check_registrable};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tauri::{AppHandle, State};

use super::{Answered, view};
use crate::progress::Unseen;
use crate::record::Record;
use crate::state::Window;
use crate::views::{CertificateFiles, CertificatePreview, PickedFile, Recorded, RegisterAs, RegisterRequest};
use crate::{dialog, picked};

#[tauri::command]
pub(crate) async fn choose_certificate_files(app: AppHandle, window: State<'_, Window>) -> Answered<Vec<PickedFile>> {
    Ok(window.picked.take(dialog::certificates(&app).await))
}

#[tauri::command]
pub(crate) async fn take_dropped_files(paths: Vec<PathBuf>, window: State<'_, Window>) -> Answered<Vec<PickedFile>> {
    Ok(window.picked.take(paths))
}

/// The files' bytes, and the password that opens them.
#[derive(Clone)]
pub(crate) struct Files {
    /// The picked files' numbers.
    ids: Vec<String>,
    name: String,
    certificate: SecretSlice<u8>,
    private_key: Option<(String, SecretSlice<u8>)>,
    password: Option<SecretString>,
}

impl Files {
    async fn read(from: &CertificateFiles, window: &Window) -> Result<Self, Failure> {
        let mut files = vec![];
        for id in &from.files {
            let path = window.picked.path(id)?;
            files.push((picked::name(&path), picked::read(&path).await?));
        }
        // Which of two is the key is told by what is in it.
        if let [(_, first), (_, _)] = files.as_slice()
            && looks_like_key(first.expose_secret())
        {
            files.swap(0, 1);
        }
        let mut files = files.into_iter();
        let Some((name, certificate)) = files.next() else { return Err(Failure::new(Code::Usage)) };
        let (ids, password) = (from.files.clone(), from.password.clone());
        Ok(Self { ids, name, certificate, private_key: files.next(), password })
    }

    /// Without a password, and with an empty one, before anybody is asked.
    fn open(&self) -> Result<CertificateFile, Failure> {
        let key = self.private_key.as_ref().map(|(_, key)| key.expose_secret());
        let with = |password: Option<&SecretString>| x509::read(self.certificate.expose_secret(), key, password);
        let opened = match with(self.password.as_ref()) {
            Err(closed) if closed.code == Code::P12Password && self.password.is_none() => {
                with(Some(&SecretString::default())).map_err(|_| closed)
            }
            opened => opened,
        };
        let key_name = self.private_key.as_ref().map(|(name, _)| name.as_str());
        opened.map_err(|failure| about_the_file(failure, &self.name, key_name).at(Step::Read))
    }
}

fn looks_like_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.contains("PRIVATE KEY-----") && !text.contains("-----BEGIN CERTIFICATE")
}

#[tauri::command]
pub(crate) async fn preview_certificate(
    request: CertificateFiles,
    window: State<'_, Window>,
) -> Answered<CertificatePreview> {
    let files = Files::read(&request, &window).await.map_err(view)?;
    // What is registered is what was looked at, whatever becomes of the file.
    window.keep_previewed(files.clone());
    // A password may have been made slow to try.
    let work = tokio::task::spawn_blocking(move || {
        let opened = files.open()?;
        let refused = check_registrable(&opened).err();
        Ok((opened.preview, refused))
    });
    let opened = work.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)));
    let (certificate, refused) = match opened {
        Ok(opened) => opened,
        Err(failure) => return Err(view(failure)),
    };
    let self_signed = certificate.subject == certificate.issuer;
    Ok(CertificatePreview { certificate, self_signed, refused: refused.map(view) })
}

#[tauri::command]
pub(crate) async fn register_certificate(
    request: RegisterRequest,
    window: State<'_, Window>,
) -> Answered<Recorded<Registered>> {
    let _change = window.renewal.change().map_err(view)?;
    let site = window.site().map_err(view)?;
    let previewed = window.previewed().filter(|files| files.ids == request.from.files);
    let files = match previewed {
        Some(files) => Files { password: request.from.password.clone(), ..files },
        None => Files::read(&request.from, &window).await.map_err(view)?,
    };
    let record = Record::new(&site.journal);
    let ports = Ports { operator: site.operator(), cloud: site.cloud(), journal: &record, progress: &Unseen };
    let password = match (&files.password, files.open()) {
        (None, Ok(_)) if needs_empty(&files) => Some(SecretString::default()),
        (password, _) => password.clone(),
    };
    let request = Register {
        run: fieldkey_journal::new_run(),
        thing_name: request.thing_name,
        name: files.name,
        certificate: files.certificate,
        private_key: files.private_key,
        password,
        status: match request.status {
            RegisterAs::Active => CertificateStatus::Active,
            RegisterAs::Inactive => CertificateStatus::Inactive,
        },
    };
    let result = fieldkey_core::register(request, site.site(), ports).await.map_err(view)?;
    Ok(Recorded { result, unrecorded: record.why_not().cloned() })
}

/// Is it closed, but by an empty password?
fn needs_empty(files: &Files) -> bool {
    let key = files.private_key.as_ref().map(|(_, key)| key.expose_secret());
    x509::read(files.certificate.expose_secret(), key, None).is_err()
}
