//! People who sign in with OpenID Connect, and what they see when they are refused.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::browser::{Browser, LOOKS};
use crate::judge::{Judge, keep_picture};
use crate::provided::{Provided, TENANT};
use crate::world::ended;

/// What a person reads whose identity provider's answer did not hold up.
const NOT_BELIEVED: &str = "The identity provider's answer did not hold up. Go back and try again; if it happens again, \
                            the log of the service says why.";
const STALE: &str = "Signing in takes at most ten minutes, works once, and has to end in the browser in which it began. \
                     Go back and begin again.";

async fn click(browser: &Browser, selector: &str) -> Result<()> {
    let found = browser.driver.query(By::Css(selector)).first().await?;
    Ok(found.click().await?)
}

/// Clicks what leads to another page, and waits for it.
async fn follow(browser: &Browser, selector: &str) -> Result<()> {
    browser.leave(click(browser, selector)).await
}

/// Judges the page as it is, at every width and theme. It isn't loaded again: a refusal is shown once.
pub async fn stands(browser: &Browser, judge: &Judge, name: &str) -> Result<()> {
    for look in LOOKS {
        browser.look(look).await?;
        let mut found = judge.faults(browser).await?;
        // Chromium says of every page with such a status that it did not load.
        found.retain(|fault| !fault.contains("the server responded with a status of 403"));
        ensure!(found.is_empty(), "{name} {look:?}: {}", found.join("\n"));
        keep_picture(browser, name, look).await?;
    }
    browser.look(LOOKS[0]).await
}

/// Opens a page that wants somebody to be signed in, and presses the button of the provider.
pub async fn begin(browser: &Browser, page: &str) -> Result<()> {
    browser.open(page).await?;
    ensure!(browser.text("h1").await? == "Sign in", "{page} leads to {}", browser.path().await?);
    follow(browser, "a[href^='/sign-in/provider']").await
}

/// Fills in the provider's form, and agrees to what it asks.
pub async fn sign_in(browser: &Browser, account: &str) -> Result<()> {
    let login = browser.driver.query(By::Css("input[name='login']")).first().await?;
    login.send_keys(account).await?;
    browser.driver.find(By::Css("input[name='password']")).await?.send_keys("any").await?;
    follow(browser, "button[type='submit']").await?;
    browser.driver.query(By::Css("input[name='prompt'][value='consent']")).first().await?;
    follow(browser, "button[type='submit']").await?;
    // Back here, after some redirections.
    browser.driver.query(By::Css("header.top")).first().await?;
    Ok(())
}

/// What the menu of the account says.
async fn account(browser: &Browser) -> Result<String> {
    click(browser, "details.menu > summary").await?;
    browser.text("details.menu p").await
}

/// A person reads why they were not signed in, and nobody is signed in.
async fn refused(browser: &Browser, judge: &Judge, name: &str, heading: &str, said: &str) -> Result<()> {
    browser.driver.query(By::Css("#heading")).first().await?;
    let (title, text) = (browser.text("h1").await?, browser.text("main p").await?);
    ensure!(title == heading && text == said, "{name}: {title}: {text}");
    let back = browser.driver.find(By::Css("main a")).await?;
    ensure!(back.text().await? == "To the page that signs in");
    stands(browser, judge, name).await?;
    follow(browser, "main a").await?;
    ensure!(browser.text("h1").await? == "Sign in", "{name}: {}", browser.path().await?);
    browser.open("/tenants").await?;
    ensure!(browser.path().await? == "/sign-in?return=/tenants", "{name}: somebody is signed in");
    Ok(())
}

/// The value of a part of a query.
fn part(address: &str, name: &str) -> Result<String> {
    let query = address.split_once('?').context("no query")?.1;
    let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    Ok(found.with_context(|| format!("no {name} in {address}"))?.to_owned())
}

#[tokio::test]
async fn a_person_signs_in_at_the_provider_sees_who_they_are_and_signs_out_everywhere() {
    let world = Provided::real().unwrap();
    let browser = Browser::new(&world.origin, true).await.unwrap();
    let provider = world.provider.clone();
    ended(browser, |browser| async move {
        let judge = Judge::new();
        let wanted = format!("/tenants/{TENANT}/actions?status=notMet");
        browser.look(LOOKS[0]).await?;
        browser.open(&wanted).await?;
        stands(&browser, &judge, "sign-in-provider").await?;
        for (who, role) in [("rita", "Reader"), ("otto", "Operator"), ("ada", "Administrator")] {
            begin(&browser, &wanted).await?;
            sign_in(&browser, who).await?;
            ensure!(browser.path().await? == wanted, "{who} landed on {}", browser.path().await?);
            let said = account(&browser).await?;
            ensure!(said == format!("Signed in as\n{who}@example.org\n{role}"), "{said}");
            let decides = browser.driver.find_all(By::Css("main form[action$='/actions/effect']")).await?.len();
            ensure!((decides > 0) == (role != "Reader"), "{role} sees {decides} forms that decide");
            signed_out_everywhere(&browser, &provider, &wanted).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// Presses the button, agrees at the provider, and finds that neither knows anybody any more.
async fn signed_out_everywhere(browser: &Browser, provider: &str, wanted: &str) -> Result<()> {
    follow(browser, "form[action='/sign-out'] button").await?;
    let yes = browser.driver.query(By::Css("button[name='logout'][value='yes']")).first().await?;
    let there = browser.driver.current_url().await?;
    ensure!(there.as_str().starts_with(provider), "asked at {there}");
    browser.leave(async { Ok(yes.click().await?) }).await?;
    browser.driver.query(By::Css("header.top")).first().await?;
    ensure!(browser.path().await? == "/sign-in" && browser.text("h1").await? == "Sign in");
    begin(browser, wanted).await?;
    let asks = browser.driver.query(By::Css("input[name='login']")).exists().await?;
    ensure!(asks, "the provider remembers");
    Ok(())
}

#[tokio::test]
async fn a_code_that_was_used_signs_nobody_in_again() {
    let world = Provided::real().unwrap();
    let browser = Browser::new(&world.origin, true).await.unwrap();
    let provider = world.provider.clone();
    ended(browser, |browser| async move {
        let judge = Judge::new();
        let wanted = format!("/tenants/{TENANT}/overview");
        browser.look(LOOKS[0]).await?;
        begin(&browser, &wanted).await?;
        sign_in(&browser, "ada").await?;
        ensure!(browser.path().await? == wanted);
        let asked = browser.asked_for().await?;
        let answer = asked.iter().find(|address| address.contains("/sign-in/answer?")).context("no answer")?.clone();
        account(&browser).await?;
        signed_out_everywhere(&browser, &provider, &wanted).await?;

        // The same answer once more, from the history of the browser.
        browser.driver.goto(&answer).await?;
        refused(&browser, &judge, "refused-replayed-answer", "This attempt has ended", STALE).await?;

        // The used code in an attempt that is alive.
        browser.asked_for().await?;
        begin(&browser, &wanted).await?;
        let asked = browser.asked_for().await?;
        let leaving = asked.iter().find(|address| address.contains("state=")).context("no state")?;
        let (code, state) = (part(&answer, "code")?, part(leaving, "state")?);
        ensure!(state != part(&answer, "state")?, "the state is fresh");
        browser.open(&format!("/sign-in/answer?code={code}&state={state}")).await?;
        refused(&browser, &judge, "refused-replayed-code", "You were not signed in", NOT_BELIEVED).await
    })
    .await
    .unwrap();
}

/// Signs in with what the issuer says, and reads the refusal.
async fn with_lie(world: &Provided, browser: &Arc<Browser>, judge: &Judge, name: &str, lie: &Value) -> Result<()> {
    world.says(lie)?;
    begin(browser, &format!("/tenants/{TENANT}/overview")).await?;
    refused(browser, judge, name, "You were not signed in", NOT_BELIEVED).await
}

#[tokio::test]
async fn a_token_with_a_wrong_nonce_an_old_one_and_a_foreign_one_are_refused_in_words() {
    let world = Provided::lying().unwrap();
    let browser = Browser::new(&world.origin, true).await.unwrap();
    ended(browser, |browser| async move {
        let judge = Judge::new();
        browser.look(LOOKS[0]).await?;
        let lies = [
            ("refused-wrong-nonce", json!({"claims": {"nonce": "another"}})),
            ("refused-expired-token", json!({"after": {"exp": -5}})),
            ("refused-foreign-issuer", json!({"claims": {"iss": "http://127.0.0.1:1"}})),
        ];
        for (name, lie) in &lies {
            with_lie(&world, &browser, &judge, name, lie).await?;
        }
        // The same issuer with a good token lets the person in: it was the lie that was refused.
        world.says(&json!({}))?;
        begin(&browser, &format!("/tenants/{TENANT}/overview")).await?;
        ensure!(account(&browser).await? == "Signed in as\nmallory@example.org\nAdministrator");
        Ok(())
    })
    .await
    .unwrap();
}
