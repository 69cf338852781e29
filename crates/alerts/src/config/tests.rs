use super::*;

const WEBHOOK: &str =
    "[[channel]]\nname = \"siem\"\nkind = \"webhook\"\nurl = \"https://siem.example.org/in\"\nsecret_env = \"S\"\n";

fn parse(text: &str) -> Result<Settings, String> {
    Settings::parse(text, Path::new("alerts.toml")).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        format!("{error} {cause}")
    })
}

#[test]
fn a_rule_goes_to_all_channels_and_covers_all_tenants_unless_it_names_some() {
    let settings = parse(&format!("{WEBHOOK}[[rule]]\nwhen = \"scoreBelow\"\npercent = 70\n")).unwrap();
    let rule = &settings.rules[0];
    assert_eq!(rule.watch, Watch::ScoreBelow { set: Set::Core, percent: 70.0 });
    assert_eq!((rule.channels.as_slice(), rule.covers("a")), ([String::from("siem")].as_slice(), true));
}

#[test]
fn a_mistake_is_named_with_what_to_write_instead() {
    let rule = |text: &str| format!("{WEBHOOK}[[rule]]\n{text}\n");
    let channel = |text: &str| format!("[[channel]]\nname = \"x\"\n{text}\n");
    for (text, said) in [
        (String::new(), "there is no [[channel]]"),
        (rule("when = \"scoreBelow\""), "`percent`, the line, is missing"),
        (rule("when = \"scoreDrop\"\npercent = 1\npoints = 1"), "give one of `percent` and `points`"),
        (rule("when = \"scoreDrop\"\npercent = -1"), "above 0 and at most 100"),
        (rule("when = \"controlRegressed\"\ndays = 3"), "`days` is no key of this rule"),
        (rule("when = \"controlRegressed\"\nchannels = [\"mail\"]"), "there is no channel `mail`; there are siem"),
        (rule("when = \"controlRegressed\"\ncolour = 1"), "unknown field `colour`"),
        (rule("when = \"never\""), "unknown variant `never`"),
        (format!("{WEBHOOK}{WEBHOOK}"), "two channels are named `siem`"),
        (channel("kind = \"webhook\"\nurl = \"https://x.example\""), "a webhook is signed"),
        (channel("kind = \"webhook\"\nurl = \"http://x.example\"\nsecret_env = \"S\""), "http is for loopback only"),
        (channel("kind = \"webhook\"\nurl = \"https://u:p@x.example\"\nsecret_env = \"S\""), "holds a user name"),
        (channel("kind = \"teams\"\nurl = \"https://x.example\""), "whose address is a secret"),
        (channel("kind = \"email\"\nhost = \"mail.example\"\ntls = \"none\""), "for loopback only"),
        (channel("kind = \"email\"\nhost = \"mail.example\"\nfrom = \"nobody\"\nto = [\"a@x.example\"]"), "no address"),
        (channel("kind = \"email\"\nhost = \"m\"\nuser = \"u\""), "come together"),
    ] {
        let error = parse(&text).expect_err(&text);
        assert!(error.contains(said), "{text}\n{error}");
        assert!(!error.contains("u:p"), "{error}");
    }
}

#[test]
fn plain_http_and_plain_smtp_stay_on_this_machine() {
    for host in ["127.0.0.1", "localhost", "[::1]", "127.9.9.9"] {
        checked(&format!("http://{host}:8080/in")).unwrap();
    }
    for url in ["http://127.0.0.1.example.org/", "http://10.0.0.1/", "ftp://127.0.0.1/", "http://localhost.example/"] {
        checked(url).unwrap_err();
    }
}
