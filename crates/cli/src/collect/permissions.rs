//! `idscore collect --permissions`: the least that the application must be allowed to read, and how to register it.

use std::collections::BTreeSet;

use idscore_graph::{BUNDLES, Cloud, Hosts, data_sets_of};
use serde_json::json;

use super::result::{Costs, some_of};
use super::{Arguments, Format, print as print_text};
use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;

/// Microsoft Graph's client id, the same in every tenant.
const MICROSOFT_GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Prints the permissions.
pub fn print(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let catalogue = catalogue::load(&[])?;
    let costs = Costs::of(&catalogue);
    let connecting = &arguments.connecting;
    let cloud = connecting.cloud.map_or(Cloud::Global, Cloud::from);
    let hosts = Hosts::new(cloud, connecting.login_url.as_deref(), connecting.graph_url.as_deref())?;
    let tenant = connecting.tenant.as_deref().unwrap_or("TENANT");
    let client_id = connecting.client_id.as_deref().unwrap_or("CLIENT_ID");
    let consent = hosts.admin_consent(tenant, client_id);
    let text = match arguments.format {
        Format::Script => script(cloud),
        Format::Json => as_json(&costs, &consent)?,
        Format::Text => as_text(&costs, &consent, terminal),
    };
    print_text(&text)?;
    Ok(Exit::Done)
}

/// The controls that are not assessed without a permission, and those of which a part is unknown.
fn controls_of(permission: &str, costs: &Costs) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut whole, mut part) = (BTreeSet::new(), BTreeSet::new());
    for set in data_sets_of(permission) {
        whole.extend(costs.not_assessed(set.name).into_iter().map(str::to_owned));
        part.extend(costs.in_part(set.name).into_iter().map(str::to_owned));
    }
    part.retain(|id| !whole.contains(id));
    (whole, part)
}

fn as_text(costs: &Costs, consent: &str, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    page.paragraph(
        0,
        Tone::Plain,
        "Application permissions of Microsoft Graph, all of them read-only. Every bundle is optional: what a missing one \
         would bring is not assessed, and the score says so.",
    );
    for bundle in BUNDLES {
        page.heading(&format!("{}: {}", bundle.name, bundle.brings));
        for permission in bundle.permissions {
            let sets: Vec<&str> = data_sets_of(permission).map(|set| set.name).collect();
            let (whole, part) = controls_of(permission, costs);
            let some = match (whole.is_empty(), part.is_empty()) {
                (false, _) => format!("for {}", some_of(&whole.iter().map(String::as_str).collect::<Vec<_>>())),
                (true, false) => {
                    format!("in part for {}", some_of(&part.iter().map(String::as_str).collect::<Vec<_>>()))
                }
                (true, true) => "for no control alone; it refines or compares".to_owned(),
            };
            page.paragraph(2, Tone::Strong, permission);
            page.paragraph(4, Tone::Plain, &format!("reads {}", sets.join(", ")));
            page.paragraph(4, Tone::Quiet, &some);
        }
    }
    page.heading("Register the application");
    page.prose(
        2,
        "1. In the Entra admin center: App registrations, New registration, a name such as \"idscore (read-only)\", accounts in \
         this directory only, no redirect address.\n2. API permissions, Add a permission, Microsoft Graph, Application permissions: \
         those above.\n3. Grant admin consent there, or by the link below.\n4. Certificates & secrets: upload a certificate, or make a \
         client secret.\n\nWith the Azure CLI, a script does the same; it asks Graph for the ids of the permissions by their names:",
    );
    page.command("idscore collect --permissions --format script > register.sh && bash register.sh");
    page.heading("Admin consent");
    page.command(consent);
    page.paragraph(
        2,
        Tone::Quiet,
        "`onPremisesSynchronization` has no application permission: a Global Administrator reads it with --sign-in device-code \
         --on-premises-sync.",
    );
    page.into_text()
}

fn as_json(costs: &Costs, consent: &str) -> Result<String, CliError> {
    let permission = |name: &&str| {
        json!({
            "name": name,
            "type": "Application",
            "dataSets": data_sets_of(name).map(|set| json!({"name": set.name, "endpoint": set.endpoint,
                "license": set.license.map(|license| format!("{license:?}")), "option": set.option})).collect::<Vec<_>>(),
            "controls": controls_of(name, costs).0,
            "controlsInPart": controls_of(name, costs).1,
        })
    };
    let bundles: Vec<_> = BUNDLES
        .iter()
        .map(|bundle| {
            json!({"name": bundle.name, "brings": bundle.brings,
                "permissions": bundle.permissions.iter().map(permission).collect::<Vec<_>>()})
        })
        .collect();
    let names: Vec<&str> = BUNDLES.iter().flat_map(|bundle| bundle.permissions.iter().copied()).collect();
    let value = json!({
        "bundles": bundles,
        "appRegistration": {
            "displayName": "idscore (read-only)",
            "signInAudience": "AzureADMyOrg",
            "requiredApplicationPermissions": {"resourceAppId": MICROSOFT_GRAPH, "names": names},
        },
        "adminConsentUrl": consent,
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

/// A script that registers the application. Permissions are named; Graph knows their ids.
fn script(cloud: Cloud) -> String {
    let names: Vec<&str> = BUNDLES.iter().flat_map(|bundle| bundle.permissions.iter().copied()).collect();
    let azure = match cloud {
        Cloud::Global => "AzureCloud",
        Cloud::UsGov | Cloud::UsGovDoD => "AzureUSGovernment",
        Cloud::China => "AzureChinaCloud",
    };
    let list = names.iter().map(|name| format!("    {}", words::shell_word(name))).collect::<Vec<_>>().join("\n");
    format!(
        r#"#!/usr/bin/env bash
# Registers idscore as an application that may only read. Needs the Azure CLI, signed in as somebody who may register
# applications; for the last step, as a Privileged Role Administrator:
#   az cloud set --name {azure} && az login --tenant TENANT --allow-no-subscriptions
set -euo pipefail

graph={MICROSOFT_GRAPH}
permissions=(
{list}
)

app="$(az ad app create --display-name 'idscore (read-only)' --sign-in-audience AzureADMyOrg --query appId --output tsv)"
az ad sp show --id "$app" >/dev/null 2>&1 || az ad sp create --id "$app" >/dev/null
wanted=()
for name in "${{permissions[@]}}"; do
    id="$(az ad sp show --id "$graph" --query "appRoles[?value=='$name' && contains(allowedMemberTypes, 'Application')].id | [0]" --output tsv)"
    if [ -z "$id" ]; then
        echo "this tenant's Microsoft Graph has no permission $name; it is left out" >&2
        continue
    fi
    wanted+=("$id=Role")
done
az ad app permission add --only-show-errors --id "$app" --api "$graph" --api-permissions "${{wanted[@]}}" >/dev/null
echo "Application (client) ID: $app"

# Consent for the whole tenant. Without the right to give it, hand the link to somebody who has it.
tenant="$(az account show --query tenantId --output tsv)"
az ad app permission admin-consent --id "$app" \
    || echo "an administrator agrees here: https://login.microsoftonline.com/$tenant/adminconsent?client_id=$app"

# A certificate of its own, with its key in one private file; Entra ID gets only the certificate.
umask 077
openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj '/CN=idscore' -keyout idscore.key -out idscore.crt 2>/dev/null
cat idscore.crt idscore.key > idscore.pem && rm idscore.key
az ad app credential reset --id "$app" --cert "@idscore.crt" --append >/dev/null

echo "Try it:"
echo "  idscore collect --tenant $tenant --client-id $app --certificate idscore.pem --dry-run"
"#
    )
}
