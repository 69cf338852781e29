//! Every form by keyboard alone, and the same by mouse.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::Value;
use thirtyfour::prelude::*;

use crate::browser::{Browser, LOOKS};
use crate::judge::Judge;
use crate::keyboard::{press, tab_to};
use crate::provided::{Provided, TENANT};
use crate::sign_in::{begin, sign_in, stands};
use crate::world::ended;

/// What somebody works with.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Hand {
    Keyboard,
    Mouse,
}
use Hand::{Keyboard, Mouse};

impl Hand {
    /// Gets to an element, so that what is typed goes there.
    async fn reach(self, browser: &Browser, selector: &str) -> Result<()> {
        match self {
            Keyboard => tab_to(browser, selector).await,
            Mouse => Ok(browser.driver.find(By::Css(selector)).await?.click().await?),
        }
    }

    /// Fills a field in, in place of what stands there.
    async fn fill(self, browser: &Browser, selector: &str, text: &str) -> Result<()> {
        self.reach(browser, selector).await?;
        let all = browser.driver.action_chain().key_down(Key::Control).send_keys("a").key_up(Key::Control);
        all.send_keys(text).perform().await?;
        Ok(())
    }

    /// Presses a button, ticks a box or unfolds what is folded.
    async fn press(self, browser: &Browser, selector: &str) -> Result<()> {
        self.reach(browser, selector).await?;
        if self == Keyboard {
            let script = "return document.activeElement.type === 'checkbox'";
            let space = browser.ask(script).await? == Value::Bool(true);
            press(browser, if space { Key::Space } else { Key::Enter }).await?;
        }
        Ok(())
    }

    /// Presses what leads to another page, and waits for it.
    async fn follow(self, browser: &Browser, selector: &str) -> Result<()> {
        browser.leave(self.press(browser, selector)).await
    }

    /// Chooses from a list.
    async fn choose(self, browser: &Browser, selector: &str, value: &str) -> Result<()> {
        match self {
            Keyboard => {
                self.reach(browser, selector).await?;
                for _ in 0..20 {
                    let chosen = browser.ask("return document.activeElement.value").await?;
                    if chosen == value {
                        return Ok(());
                    }
                    press(browser, Key::Down).await?;
                }
                anyhow::bail!("arrow keys never choose {value} in {selector}")
            }
            Mouse => {
                // The driver opens the list and chooses, as a pointer does.
                let option = format!("{selector} option[value='{value}']");
                Ok(browser.driver.find(By::Css(&option)).await?.click().await?)
            }
        }
    }
}

/// Runs a test once by keyboard and once by mouse, each as an administrator of a service of its own.
async fn by_both<F: Future<Output = Result<()>>>(test: impl Fn(std::sync::Arc<Browser>, Hand) -> F) {
    for hand in [Keyboard, Mouse] {
        let world = Provided::real().unwrap();
        let browser = Browser::new(&world.origin, true).await.unwrap();
        let tested = ended(browser, async |browser| {
            browser.look(LOOKS[0]).await?;
            begin(&browser, "/tenants").await?;
            sign_in(&browser, "ada").await?;
            test(browser, hand).await
        });
        tested.await.map_err(|error| error.context(format!("by {hand:?}"))).unwrap();
    }
}

fn at(page: &str) -> String {
    format!("/tenants/{TENANT}/{page}")
}

#[tokio::test]
async fn an_action_is_decided_with_its_effect_shown_first() {
    by_both(|browser, hand| async move {
        browser.open(&at("actions/AdminMFAV2")).await?;
        hand.choose(&browser, "form.decide select[name='status']", "planned").await?;
        hand.fill(&browser, "form.decide input[name='owner']", "Nora Stein").await?;
        hand.follow(&browser, "form.decide button").await?;
        ensure!(browser.text("#effect-title").await? == "Effect on every line of the score", "no effect is shown");
        hand.follow(&browser, "form.save button").await?;
        let said = browser.text("main").await?;
        ensure!(said.contains("Planned") && browser.path().await?.contains("saved=1"), "{said}");
        let owner = browser.ask("return document.querySelector('form.decide input[name=owner]').value").await?;
        ensure!(owner == "Nora Stein", "{owner}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn several_actions_are_decided_together() {
    by_both(|browser, hand| async move {
        browser.open(&at("actions")).await?;
        for row in [1, 2] {
            hand.press(&browser, &format!("table.actions tbody tr:nth-child({row}) input[name='control']")).await?;
        }
        hand.choose(&browser, "#decide select[name='status']", "planned").await?;
        hand.follow(&browser, "#decide button").await?;
        hand.follow(&browser, "form.save button").await?;
        ensure!(browser.path().await?.contains("saved=2"), "{}", browser.path().await?);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_list_is_searched_filtered_and_grouped() {
    by_both(|browser, hand| async move {
        browser.open(&at("actions")).await?;
        hand.fill(&browser, "input[name='q']", "legacy").await?;
        hand.choose(&browser, "select[name='group']", "area").await?;
        hand.press(&browser, "form.choose details.fold > summary").await?;
        hand.press(&browser, "input[name='status'][value='toAddress']").await?;
        // Back to the button, which stands before the filters.
        hand.follow(&browser, "form.choose .first button").await?;
        let path = browser.path().await?;
        for part in ["q=legacy", "group=area", "status=toAddress"] {
            ensure!(path.contains(part), "{path} does not ask for {part}");
        }
        let titles =
            "return [...document.querySelectorAll('table.actions tbody th[scope=row]')].map(one => one.textContent)";
        let titles = browser.ask(titles).await?;
        let titles: Vec<String> = serde_json::from_value(titles)?;
        let right = titles.iter().any(|title| title.contains("legacy"));
        ensure!(right && titles.len() < 10, "{titles:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_export_is_sent() {
    by_both(|browser, hand| async move {
        let folder = tempfile::tempdir()?;
        let archive = folder.path().join("careful.tar.gz");
        let tenants = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants");
        let packed = Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(tenants).arg("careful").status()?;
        ensure!(packed.success(), "tar: {packed}");
        browser.open("/first-run").await?;
        // The window that chooses a file belongs to the system: what it would give is put into the field.
        if hand == Keyboard {
            hand.reach(&browser, "input[name='export']").await?;
        }
        let path = archive.to_string_lossy();
        browser.driver.find(By::Css("input[name='export']")).await?.send_keys(&*path).await?;
        hand.follow(&browser, "form.stacked button").await?;
        let said = browser.text("main").await?;
        ensure!(said.contains("was read, judged and kept"), "{said}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn settings_are_changed_and_a_channel_is_tried() {
    by_both(|browser, hand| async move {
        browser.open("/settings").await?;
        hand.fill(&browser, "form.fields input[name='industry']", "Shipping").await?;
        hand.fill(&browser, "form.fields input[name='okay']", "40").await?;
        hand.follow(&browser, "form.fields button").await?;
        let kept =
            "return [...document.querySelectorAll('form.fields input')].slice(0, 3).map(one => one.value).join()";
        let kept = browser.ask(kept).await?;
        ensure!(kept.as_str().is_some_and(|kept| kept.contains("Shipping,40")), "{kept}");
        hand.follow(&browser, "form[action='/settings/alerts/test'] button").await?;
        let said = browser.text("[role='status']").await?;
        ensure!(said.starts_with("The test message to siem did not arrive: cannot reach 127.0.0.1"), "{said}");
        // Here the page has all that it can show; the demonstration has neither channels nor a provider.
        stands(&browser, &Judge::new(), "settings-of-all").await
    })
    .await;
}

#[tokio::test]
async fn a_review_is_recorded_and_the_colours_are_chosen() {
    by_both(|browser, hand| async move {
        browser.open(&at("reviews")).await?;
        let folded =
            "return document.querySelector('form[action$=\"/reviews\"]').closest('details:not([open])') !== null";
        if browser.ask(folded).await? == Value::Bool(true) {
            hand.press(&browser, "details:has(form[action$='/reviews']) > summary").await?;
        }
        hand.follow(&browser, "form[action$='/reviews'] button").await?;
        ensure!(browser.path().await?.contains("recorded=review"), "{}", browser.path().await?);
        hand.press(&browser, "details.menu > summary").await?;
        hand.follow(&browser, "button[name='theme'][value='dark']").await?;
        ensure!(browser.ask("return document.documentElement.dataset.theme").await? == "dark");
        Ok(())
    })
    .await;
}
