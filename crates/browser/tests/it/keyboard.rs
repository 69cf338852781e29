//! The dashboard by keyboard alone.

use anyhow::{Result, ensure};
use serde_json::Value;
use thirtyfour::prelude::*;

use crate::browser::{Browser, LOOKS};
use crate::world::with_browser;

/// More presses of Tab than any page has stops before what is looked for.
const MOST_STOPS: usize = 150;

async fn press(browser: &Browser, key: Key) -> Result<()> {
    Ok(browser.driver.action_chain().send_keys(key).perform().await?)
}

/// Presses Tab until what has the focus fits a selector.
async fn tab_to(browser: &Browser, selector: &str) -> Result<()> {
    for _ in 0..MOST_STOPS {
        press(browser, Key::Tab).await?;
        let script = format!("return document.activeElement.matches({})", Value::from(selector));
        if browser.ask(&script).await? == Value::Bool(true) {
            let seen = "const style = getComputedStyle(document.activeElement);
                        return style.outlineStyle !== 'none' || style.boxShadow !== 'none'";
            ensure!(browser.ask(seen).await? == Value::Bool(true), "nobody sees that {selector} has the focus");
            return Ok(());
        }
    }
    anyhow::bail!("Tab never gets to {selector} on {}", browser.path().await?);
}

#[tokio::test]
async fn the_first_stop_of_every_page_skips_to_its_content() {
    with_browser(true, |browser| async move {
        browser.look(LOOKS[0]).await?;
        for page in browser.every_page().await? {
            browser.open(&page).await?;
            press(&browser, Key::Tab).await?;
            let first = browser.ask("return document.activeElement.getAttribute('href')").await?;
            ensure!(first == "#main" || first == "#content", "{page}: the first stop is {first}");
            press(&browser, Key::Enter).await?;
            let inside = "const main = document.querySelector('main');
                          return main === document.activeElement || location.hash === '#' + main.id";
            ensure!(browser.ask(inside).await? == Value::Bool(true), "{page}: the focus did not move");
        }
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_next_action_and_the_way_back_are_reached_by_keyboard() {
    for look in [LOOKS[0], LOOKS[2]] {
        with_browser(true, |browser| async move {
            browser.look(look).await?;
            browser.open("/").await?;
            let overview = browser.path().await?;
            tab_to(&browser, "main a[href*='/actions/']").await?;
            press(&browser, Key::Enter).await?;
            ensure!(browser.path().await?.contains("/actions/"), "Enter did not follow the link");
            ensure!(!browser.text("h1").await?.is_empty());
            browser.driver.back().await?;
            ensure!(browser.path().await? == overview);
            Ok(())
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn arrow_keys_walk_along_the_trend() {
    with_browser(true, |browser| async move {
        browser.look(LOOKS[0]).await?;
        browser.open("/").await?;
        tab_to(&browser, "figure.chart .plot").await?;
        press(&browser, Key::Right).await?;
        let shown = "return [...document.querySelectorAll('figure.chart .tip')]
                     .map(one => one.textContent.trim()).join(' ')";
        let first = browser.ask(shown).await?;
        press(&browser, Key::Left).await?;
        let second = browser.ask(shown).await?;
        ensure!(first.as_str().is_some_and(|text| text.contains('%')), "nothing is said about the day: {first}");
        ensure!(first != second, "another day says the same: {first}");
        Ok(())
    })
    .await
    .unwrap();
}
