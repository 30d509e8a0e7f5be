//! HTTPS through a company's proxy, as the environment names it. The environment is the whole process's: each case
//! runs in a process of its own, which is this test binary once more.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Arc, Mutex};

use fieldkey_cloud::Aws;
use fieldkey_core::Code;

use crate::support::aws::Double;
use crate::support::http::{self, Server};
use crate::support::tls::Authority;
use crate::support::{expect_failure, sign_in, signed_in, site_at};

/// No resolver knows it: only the proxy can lead there.
const HOST: &str = "cognito.fieldkey.test";
const ROLE: &str = "FIELDKEY_TEST_BEHIND_PROXY";
const CA: &str = "FIELDKEY_TEST_CA";

/// A proxy that leads every CONNECT to one port, if it lets the caller in. It notes what it was asked.
fn proxy(port: u16, wants: Option<&'static str>) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(vec![]));
    let notes = Arc::clone(&asked);
    let server = Server::accept(move |mut client| {
        let Some(request) = http::read(&mut BufReader::new(&client)) else { return };
        notes.lock().unwrap().push(format!("{} {}", request.method, request.target));
        let given = request.headers.get("proxy-authorization").map(String::as_str);
        if wants.is_some() && given != wants {
            let _ = client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
            return;
        }
        let upstream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        http::splice(client, upstream);
    });
    (server, asked)
}

/// Runs the test `behind_the_proxy` of this file in a process whose environment names the proxy.
fn behind(variable: &str, value: &str, role: &str, ca: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proxy::behind_the_proxy", "--nocapture"]).env(variable, value);
    command.env(ROLE, role).env(CA, ca);
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{role}: {said}");
}

/// The other process.
#[tokio::test]
async fn behind_the_proxy() {
    let (Ok(role), Ok(ca)) = (std::env::var(ROLE), std::env::var(CA)) else { return };
    let aws = Aws::new(&site_at(&format!("https://{HOST}")), Some(&ca), None, None).unwrap();
    match role.as_str() {
        "let in" => signed_in(&aws).await,
        "at home" => {
            let double = Double::plain();
            signed_in(&double.aws()).await;
        }
        "kept out" => {
            let failure = expect_failure(sign_in(&aws).await, Code::Offline);
            assert!(failure.reason.contains("proxy authorization required"), "{failure}");
            assert_eq!(failure.about, HOST);
        }
        _ => {
            let failure = expect_failure(sign_in(&aws).await, Code::Offline);
            assert!(!failure.to_string().contains("hunter2"), "the proxy's password is nobody's business: {failure}");
        }
    }
}

#[test]
fn the_environment_s_proxy_leads_to_aws() {
    let (double, authority) = (Double::plain(), Authority::new());
    let shared = double.shared();
    let aws = Server::tls(authority.server(HOST), move |request| shared.answer(request));
    let (server, asked) = proxy(aws.port, None);
    behind("HTTPS_PROXY", &server.url(), "let in", &authority.pem());
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|line| *line == format!("CONNECT {HOST}:443")), "{asked:?}");
    assert_eq!(double.calls(), ["InitiateAuth", "RespondToAuthChallenge"], "inside the tunnel, end to end");
}

#[test]
fn a_proxy_s_password_in_the_environment_is_used() {
    let (double, authority) = (Double::plain(), Authority::new());
    let shared = double.shared();
    let aws = Server::tls(authority.server(HOST), move |request| shared.answer(request));
    // printf clerk:hunter2 | base64
    let (server, _) = proxy(aws.port, Some("Basic Y2xlcms6aHVudGVyMg=="));
    let url = format!("http://clerk:hunter2@127.0.0.1:{}", server.port);
    behind("https_proxy", &url, "let in", &authority.pem());
}

#[test]
fn a_local_cloud_is_reached_without_the_proxy() {
    let (server, asked) = proxy(1, None);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        behind(variable, &server.url(), "at home", &Authority::new().pem());
    }
    assert!(asked.lock().unwrap().is_empty(), "no proxy leads to this computer");
}

#[test]
fn a_proxy_that_wants_a_password_is_named_as_the_reason() {
    let (server, _) = proxy(1, Some("Basic Y2xlcms6aHVudGVyMg=="));
    behind("HTTPS_PROXY", &server.url(), "kept out", &Authority::new().pem());
}

#[test]
fn a_proxy_that_is_gone_does_not_give_its_password_away() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://clerk:hunter2@127.0.0.1:{port}");
    behind("HTTPS_PROXY", &url, "no proxy", &Authority::new().pem());
}
