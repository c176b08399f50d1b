//! Attack 82: certificates that prove nothing, and encryption that is none any more, shown by openssl.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// How an authority of the test signs.
const AUTHORITY: &str = "[ca]\ndefault_ca = own\n[own]\nnew_certs_dir = .\ndatabase = index.txt\n\
    rand_serial = yes\ndefault_md = sha256\npolicy = any\ncopy_extensions = copy\n\
    unique_subject = no\n[any]\ncommonName = supplied\n";

/// Runs openssl in a directory.
fn openssl(dir: &Path, arguments: &[&str]) {
    let mut command = Command::new("openssl");
    let ended = command.args(arguments).current_dir(dir).output();
    let ended = ended.expect("openssl is not found; on Debian: apt-get install openssl");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "openssl {arguments:?}: {said}");
}

/// Makes a key and a request for a name, and has the authority sign it for some days.
fn sign(dir: &Path, (file, host): (&str, &str), (from, until): (&str, &str)) {
    let (key, csr, pem) = (format!("{file}.key"), format!("{file}.csr"), format!("{file}.pem"));
    let names = format!("subjectAltName=DNS:{host}");
    let new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    let for_it = ["-nodes", "-keyout", &key, "-out", &csr, "-subj", "/CN=test", "-addext", &names];
    openssl(dir, &[new.as_slice(), &for_it].concat());
    let by = ["ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
    let it = ["-in", &csr, "-out", &pem, "-startdate", from, "-enddate", until];
    openssl(dir, &[by.as_slice(), &it].concat());
}

/// An authority, and what it signed: for us, long ago, and for somebody else; one signed itself.
fn authority(dir: &Path) {
    std::fs::write(dir.join("ca.cnf"), AUTHORITY).unwrap();
    std::fs::write(dir.join("index.txt"), "").unwrap();
    for file in ["ca", "self"] {
        let (key, pem) = (format!("{file}.key"), format!("{file}.pem"));
        let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
        let out = ["-nodes", "-keyout", &key, "-out", &pem, "-days", "2", "-subj", "/CN=test"];
        let names = ["-addext", "subjectAltName=DNS:localhost"];
        openssl(dir, &[new.as_slice(), &out, &names].concat());
    }
    let valid = ("20200101000000Z", "20991231000000Z");
    sign(dir, ("good", "localhost"), valid);
    sign(dir, ("expired", "localhost"), (valid.0, "20200102000000Z"));
    sign(dir, ("other", "other.example"), valid);
}

/// A server that shows a certificate, until it is dropped.
struct Server {
    child: Child,
    port: String,
}

impl Server {
    fn start(dir: &Path, certificate: &str, more: &[&str]) -> Self {
        let (pem, key) = (format!("{certificate}.pem"), format!("{certificate}.key"));
        let mut command = Command::new("openssl");
        command.args(["s_server", "-www", "-accept", "127.0.0.1:0", "-cert", &pem, "-key", &key]);
        command.args(more).current_dir(dir).stdin(Stdio::piped());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("openssl runs");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines.map_while(Result::ok).find(|line| line.starts_with("ACCEPT "));
        let told = told.expect("openssl says where it listens");
        let port = told.rsplit(':').next().unwrap().to_owned();
        Self { child, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended of itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What `doctor` says of a tracker behind a server.
fn said(home: &Path, server: &Server) -> String {
    let settings = home.join("settings.toml");
    let text = format!(
        "[trackers.issues]\nkind = \"github\"\nurl = \"https://localhost:{}\"\n\
         repository = \"octocat/incidents\"\ntoken = \"env:TOKEN\"\n",
        server.port
    );
    std::fs::write(&settings, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wheelhouse"));
    command.arg("--config").arg(&settings).args(["doctor", "--json"]);
    // This machine may do something else meanwhile.
    command.args(["--patience", "60"]).env_clear();
    command.env("HOME", home).env("TOKEN", "t0ken").env("SSL_CERT_FILE", home.join("ca.pem"));
    let told = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let checks = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_tracker = |check: &Value| check["check"].as_str().unwrap().contains("issues");
    let check = checks.into_iter().find(of_tracker).unwrap_or_else(|| panic!("{told}"));
    assert_eq!(check["health"], "bad", "{check}");
    check["says"].as_str().unwrap().to_owned()
}

#[test]
fn a_server_that_cannot_prove_who_it_is_gets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    authority(dir.path());
    let says = |certificate: &str, more: &[&str]| {
        said(dir.path(), &Server::start(dir.path(), certificate, more))
    };
    // Whoever proves it is heard: a page is no answer of a tracker, but it came.
    let heard = says("good", &[]);
    assert!(heard.contains("no JSON"), "{heard}");
    for certificate in ["expired", "other", "self"] {
        let told = says(certificate, &[]);
        assert!(told.contains("certificate"), "{certificate}: {told}");
        assert!(!told.contains("no JSON"), "{certificate}: {told}");
    }
    let old = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];
    let told = says("good", &old);
    assert!(!told.contains("no JSON"), "TLS 1.1: {told}");
}
