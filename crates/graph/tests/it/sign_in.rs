//! Signing in, in every way that needs no Azure, and what each refusal is told as.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use idscore_graph::{Certificate, CollectError, Credential, Kind};
use idscore_graph_server::{self as graph_server, Server};
use idscore_secrets::Secret;
use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, date_time_ymd};

use crate::support::{Invented, SECRET, collect, connection, unlimited, wanted};

struct Made {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

/// Keys for tests and nothing else: RSA keys take too long to make each time.
const KEY: &str = include_str!("key-one.pem");
const OTHER_KEY: &str = include_str!("key-other.pem");

/// A certificate that is good in those years.
fn made(from: i32, until: i32) -> Made {
    made_with(KEY, from, until)
}

fn made_with(key: &str, from: i32, until: i32) -> Made {
    let key = KeyPair::from_pkcs8_pem_and_sign_algo(key, &PKCS_RSA_SHA256).unwrap();
    let mut params = CertificateParams::new(vec!["idscore".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    Made { certificate: params.self_signed(&key).unwrap(), key }
}

fn private(path: &Path, bytes: &[u8]) -> PathBuf {
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.to_owned()
}

impl Made {
    fn pem(&self, folder: &Path) -> PathBuf {
        private(&folder.join("both.pem"), format!("{}{}", self.certificate.pem(), self.key.serialize_pem()).as_bytes())
    }

    fn pfx(&self, folder: &Path, password: &str) -> PathBuf {
        let key = PrivateKey::from_der(&self.key.serialize_der()).unwrap();
        let certificate = p12_keystore::Certificate::from_der(self.certificate.der()).unwrap();
        let mut store = KeyStore::new();
        store.add_entry("idscore", KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("1", key, [certificate])));
        private(&folder.join("both.pfx"), &store.writer(password).write().unwrap())
    }
}

fn signed_in(tenant: &Invented, options: graph_server::Options, credential: Credential) -> Result<(), CollectError> {
    let server = Server::start(&tenant.export, options).unwrap();
    let mut connection = connection(&server);
    connection.credential = credential;
    let out = tempfile::tempdir().unwrap();
    collect(&connection, &wanted(&out.path().join("collected"))).map(|_| ())
}

#[test]
fn a_certificate_signs_in_from_pem_and_from_pfx() {
    let tenant = Invented::usual();
    let made = made(2020, 2090);
    let folder = tenant.folder.path();
    let mut options = unlimited();
    options.sign_in.certificate = Some(made.certificate.pem());
    let pem = Certificate::read(&made.pem(folder), None).unwrap();
    signed_in(&tenant, options.clone(), Credential::Certificate(pem)).unwrap();
    let file = made.pfx(folder, "hush");
    let pfx = Certificate::read(&file, Some(&Secret::new("hush"))).unwrap();
    signed_in(&tenant, options, Credential::Certificate(pfx)).unwrap();
    let wrong = Certificate::read(&file, Some(&Secret::new("wrong-password"))).unwrap_err();
    assert!(wrong.to_string().contains("no PFX that this password opens"), "{wrong}");
    assert!(!format!("{wrong} {:?}", wrong.hint()).contains("wrong-password"));
}

#[test]
fn a_certificate_that_nobody_uploaded_or_that_expired_is_told() {
    let tenant = Invented::usual();
    let mut options = unlimited();
    options.sign_in.certificate = Some(made(2020, 2090).certificate.pem());
    let other = Certificate::read(&made_with(OTHER_KEY, 2020, 2090).pem(tenant.folder.path()), None).unwrap();
    let error = signed_in(&tenant, options.clone(), Credential::Certificate(other)).unwrap_err();
    assert!(error.to_string().contains("doesn't know this certificate"), "{error}");
    let expired = Certificate::read(&made(2020, 2021).pem(tenant.folder.path()), None).unwrap();
    let error = signed_in(&tenant, options, Credential::Certificate(expired)).unwrap_err();
    assert!(error.to_string().ends_with("it expired on 2021-01-01"), "{error}");
    assert_eq!(error.kind(), Kind::Wrong);
    assert!(error.hint().unwrap().starts_with("make a new one"));
}

#[test]
fn a_certificate_file_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(2020, 2090).pem(folder.path());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = Certificate::read(&path, None).unwrap_err();
    assert!(error.to_string().starts_with("others may read the secret"), "{error}");
}

#[test]
fn clocks_that_differ_refuse_an_assertion_and_the_sentence_says_by_how_much() {
    let tenant = Invented::usual();
    let made = made(2020, 2090);
    let credential = Credential::Certificate(Certificate::read(&made.pem(tenant.folder.path()), None).unwrap());
    let options = |seconds| graph_server::Options { clock_skew_seconds: seconds, ..unlimited() };
    let behind = signed_in(&tenant, options(1200), credential.clone()).unwrap_err();
    assert_eq!(behind.to_string(), "cannot sign in: this machine's clock is 20 minutes behind Microsoft's");
    let ahead = signed_in(&tenant, options(-1200), credential).unwrap_err();
    assert_eq!(ahead.to_string(), "cannot sign in: this machine's clock is 20 minutes ahead of Microsoft's");
    assert_eq!((behind.kind(), ahead.kind()), (Kind::Unreachable, Kind::Unreachable));
    // A secret has no clock: the export is dated by the server's.
    let server = Server::start(&tenant.export, options(1200)).unwrap();
    let collection = collect(&connection(&server), &wanted(&tenant.beside("collected"))).unwrap();
    let ahead = collection.started_at.unwrap().as_second() - jiff::Timestamp::now().as_second();
    assert!((1150..=1250).contains(&ahead), "{ahead}");
}

#[test]
fn a_federated_token_is_read_each_time() {
    let tenant = Invented::usual();
    // {"alg":"RS256"} . {"exp":4102444800,"nbf":0,…}: a real one is signed by whoever issued it.
    let encode = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
    let claims = r#"{"iss":"https://issuer.test","sub":"pipeline","aud":"api://AzureADTokenExchange","iat":1,"nbf":1,"exp":4102444800,"jti":"1"}"#;
    let token = format!("{}.{}.{}\n", encode(r#"{"alg":"RS256","typ":"JWT"}"#), encode(claims), encode("signature"));
    let token_file = private(&tenant.folder.path().join("token"), token.as_bytes());
    signed_in(&tenant, unlimited(), Credential::Federated { token_file }).unwrap();
    let token_file = tenant.folder.path().join("none");
    let error = signed_in(&tenant, unlimited(), Credential::Federated { token_file }).unwrap_err();
    assert!(error.to_string().starts_with("cannot read"), "{error}");
}

#[test]
fn a_person_types_a_code_or_declines() {
    let tenant = Invented::usual();
    let mut options = unlimited();
    options.sign_in.device_interval = 1;
    signed_in(&tenant, options.clone(), Credential::DeviceCode).unwrap();
    options.sign_in.device_declined = true;
    let error = signed_in(&tenant, options, Credential::DeviceCode).unwrap_err();
    assert_eq!(error.to_string(), "cannot sign in: whoever got the code declined");
}

#[test]
fn wrong_and_expired_secrets_and_unknown_names_are_told() {
    let tenant = Invented::usual();
    let secret = || Credential::ClientSecret(Secret::new(SECRET));
    let mut wrong = unlimited();
    wrong.sign_in.client_secret = Some("another".to_owned());
    let mut expired = wrong.clone();
    expired.sign_in.expired_secret = Some(SECRET.to_owned());
    let mut unknown_tenant = unlimited();
    unknown_tenant.sign_in.tenants = vec!["fabrikam.test".to_owned()];
    let mut unknown_app = unlimited();
    unknown_app.sign_in.client_id = Some("22222222-0000-4000-8000-000000000000".to_owned());
    for (options, words) in [
        (wrong, "is wrong"),
        (expired, "has expired"),
        (unknown_tenant, "there is no tenant `contoso.test`"),
        (unknown_app, "tenant `contoso.test` knows no application"),
    ] {
        let error = signed_in(&tenant, options, secret()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.kind(), Kind::Wrong);
        assert!(error.hint().is_some() && !format!("{error:?}").contains(SECRET));
    }
}

#[test]
fn nobody_at_the_other_end_is_no_fault_of_the_call() {
    let tenant = Invented::usual();
    let server = Server::start(&tenant.export, unlimited()).unwrap();
    let connection = connection(&server);
    drop(server);
    let error = collect(&connection, &wanted(&tenant.beside("collected"))).unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable, "{error}");
    assert!(error.to_string().starts_with("cannot reach `127.0.0.1`"), "{error}");
    assert!(!tenant.beside("collected").exists(), "nothing is begun before somebody is signed in");
}
