//! The dashboard by keyboard alone.

use anyhow::{Result, ensure};
use serde_json::Value;
use thirtyfour::prelude::*;

use crate::browser::{Browser, LOOKS};
use crate::world::with_browser;

/// More presses of Tab than any page has stops before what is looked for.
const MOST_STOPS: usize = 400;

pub async fn press(browser: &Browser, key: Key) -> Result<()> {
    Ok(browser.driver.action_chain().send_keys(key).perform().await?)
}

/// Presses Tab until what has the focus fits a selector.
pub async fn tab_to(browser: &Browser, selector: &str) -> Result<()> {
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
            // At main itself, or where the next Tab starts from it.
            let main = "document.querySelector('main')";
            browser
                .until(&format!("[document.activeElement, document.querySelector(':target')].includes({main})"))
                .await?;
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
            browser.leave(press(&browser, Key::Enter)).await?;
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

/// What can be used, in the order of the page; what is folded away can't.
const STOPS: &str =
    "const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter(one => !one.disabled && one.type !== 'hidden' && one.tabIndex >= 0
        && one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}));";

/// Notes from now on what gets the focus: its place among the stops, and whether that is to be seen.
const WATCH: &str = "window.walked = [];
    document.addEventListener('focusin', event => {
        const style = getComputedStyle(event.target);
        const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
        window.walked.push([stops.indexOf(event.target), seen, event.target.outerHTML.slice(0, 160)]);
    });
    return stops.map(one => one.outerHTML.slice(0, 160));";

#[tokio::test]
async fn tab_reaches_everything_in_reading_order_and_always_shows_where_it_is() {
    for look in [LOOKS[0], LOOKS[2]] {
        with_browser(true, |browser| async move {
            browser.look(look).await?;
            let mut found = Vec::new();
            for page in browser.every_page().await? {
                browser.open(&page).await?;
                found.extend(walked(&browser).await?.into_iter().map(|fault| format!("{page} {look:?}: {fault}")));
            }
            ensure!(found.is_empty(), "{}", found.join("\n"));
            Ok(())
        })
        .await
        .unwrap();
    }
}

/// Goes through the page that is shown by Tab alone, and says what is wrong with the way.
async fn walked(browser: &Browser) -> Result<Vec<String>> {
    let stops: Vec<String> = serde_json::from_value(browser.ask(&format!("{STOPS} {WATCH}")).await?)?;
    // What stands around every page; a page may hold words alone.
    ensure!(stops.len() >= 5, "only {stops:?}");
    let mut walked: Vec<(i64, bool, String)> = Vec::new();
    // Fields of dates have stops of their own inside.
    for _ in 0..stops.len() {
        let tabs: String = std::iter::repeat_n(char::from(Key::Tab), 8).collect();
        browser.driver.action_chain().send_keys(tabs).perform().await?;
        walked = serde_json::from_value(browser.ask("return window.walked").await?)?;
        if walked.iter().filter(|(stop, ..)| *stop == 0).count() > 1 {
            break;
        }
    }
    let around = walked.iter().enumerate().filter(|(_, (stop, ..))| *stop == 0).nth(1).map(|(place, _)| place);
    let Some(around) = around else {
        return Ok(vec![format!("Tab does not come around; it ends at {:?} of {}", walked.last(), stops.len())]);
    };
    let mut faults: Vec<String> = walked
        .iter()
        .filter(|(_, seen, _)| !seen)
        .map(|(.., what)| format!("nobody sees the focus on {what}"))
        .collect();
    // A list that scrolls by itself is a stop that no markup names.
    let mut order: Vec<i64> = walked[..around].iter().map(|(stop, ..)| *stop).filter(|stop| *stop >= 0).collect();
    order.dedup();
    if !order.is_sorted() {
        faults.push(format!("not in reading order: {order:?}"));
    }
    // Of radio buttons of one name Tab reaches one; there are none so far.
    let missed = (0_i64..).zip(&stops).filter(|(stop, _)| !order.contains(stop));
    faults.extend(missed.map(|(_, what)| format!("Tab does not reach {what}")));
    Ok(faults)
}

#[tokio::test]
async fn the_walk_notices_what_is_out_of_order_hidden_or_a_trap() {
    with_browser(true, |browser| async move {
        browser.look(LOOKS[0]).await?;
        for (spoil, said) in [
            ("document.querySelectorAll('main a')[3].tabIndex = 5", "not in reading order"),
            ("document.querySelectorAll('main a')[3].style.outline = 'none'", "nobody sees the focus on"),
            (
                "document.querySelectorAll('main a')[3].addEventListener('keydown', event => event.preventDefault())",
                "Tab does not come around",
            ),
        ] {
            browser.open("/tenants").await?;
            ensure!(walked(&browser).await?.is_empty(), "the page is whole");
            browser.open("/tenants").await?;
            browser.ask(spoil).await?;
            let faults = walked(&browser).await?;
            ensure!(faults.iter().any(|fault| fault.starts_with(said)), "{spoil}: {faults:?}");
        }
        Ok(())
    })
    .await
    .unwrap();
}
