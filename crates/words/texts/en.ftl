# Every text of the dashboard, in English.
#
# A key begins with the page that it is for; what several pages say stands first. Numbers choose their form by
# `{ $count -> [one] … *[other] … }`. Names of controls and reasons of changes come from elsewhere.

product = Identity Secure Score
skip = To the content
nav-label = Pages
nav-overview = Overview
switch-label = Tenant
switch-go = Go
menu-label = Your account
menu-signed-in = Signed in as
menu-api = The API and its document
theme-label = Colours
theme-system = System
theme-light = Light
theme-dark = Dark
sign-out = Sign out

## What goes wrong

failure-back = To the overview
failure-not-found-title = Nothing is here
failure-not-found = There is no such page, or it is not for you to see.
failure-forbidden-title = This is not yours to do
failure-forbidden = You may look, but not change this. Ask an administrator for the role.
failure-forged-title = This form was not accepted
failure-forged = It did not come from a page of this session. Open the page again, and send the form from there.
failure-bad-title = This could not be read
failure-bad = Something in the address or the form has no meaning here. Go back and try again.
failure-broken-title = Something broke
failure-broken = The service could not make this page. Its log says why; nothing that was kept is lost.

## Signing in

sign-in-title = Sign in
sign-in-link = The terminal in which the service runs shows a link. It signs you in once, within ten minutes.
sign-in-another = Show a new link in the terminal
sign-in-sent = A new link is in the terminal of the service.
sign-in-used = That link was used already, or its ten minutes are over.
sign-in-none = This service has no way to sign in yet.

## First run

first-run-title = Nothing was assessed yet
first-run-lead = Bring an export of your tenant, and the score is here in seconds. Nothing leaves this machine.
first-run-terminal = Or in the terminal, with the data folder of this service
first-run-demo = To look around first, with an invented tenant

## Charts

chart-keys = Chart. Arrow keys go from day to day, Page Up and Page Down by weeks.
chart-table = The numbers as a table
chart-day = Day
chart-events = What else changed

## Overview

overview-invented = invented
overview-lead-score = The score is { $percent }: { $earned } of { $maximum } points.
overview-lead-better = It rose by { $change } percentage points since { $day }.
overview-lead-worse = It fell by { $change } percentage points since { $day }.
overview-lead-same = It is where it was on { $day }.
overview-lead-next = Most to win now: “{ $action }”, { $points ->
    [one] 1 point
   *[other] { $points } points
 }.
overview-lead-done = Nothing is left to decide.
overview-assessed = Assessed
overview-profile = Profile
overview-users = { $users ->
    [one] 1 user
   *[other] { $users } users
 }: { $members } enabled members, { $guests } enabled guests
overview-score = Your score
overview-points = { $earned } of { $maximum } points
overview-change-7 = 7 days
overview-change-30 = 30 days
overview-change-90 = 90 days
overview-change-none = —
overview-done = Actions done
overview-done-of = { $done } of { $all }
overview-coverage = Seen of what counts
overview-unassessed = Not assessed
overview-controls = { $count ->
    [one] 1 control
   *[other] { $count } controls
 }
overview-extended = Extended set
overview-next = What to do next
overview-next-all = All actions
overview-next-none = Every point that could be judged is earned or decided about.
overview-next-gain = { $points ->
    [one] +1 point
   *[other] +{ $points } points
 }
overview-next-share = { $percent } of the score
overview-next-effort = { $effort } effort
overview-next-license = needs { $license }
overview-lines = Where it can go
line-now = Now
line-now-hint = what is measured
line-planned = With what is planned
line-planned-hint = if every planned action were done
line-license = Within the owned licences
line-license-hint = if everything were done that they allow
line-achievable = And without accepted risks
line-achievable-hint = the same, but for accepted risks
line-attested = Of now, by attestation only
line-attested-hint = not seen in the data
line-compat = To lay beside Microsoft’s
line-compat-hint = profile compat, without insider risk
overview-trend-title = Score over time
overview-trend-own = Your score
overview-trend-compat = Yours under compat
overview-trend-median = Median, { $group }
overview-trend-band = P25–P75 of them
overview-trend-described = From { $from } on { $first } to { $to } on { $last }. The table below has every day.
overview-range-label = Range
overview-range-7 = 7 d
overview-range-30 = 30 d
overview-range-90 = 90 d
overview-range-365 = 1 y
overview-others = Beside others
overview-others-own = Your tenant
overview-others-compat = under compat
overview-others-tenants = { $count ->
    [one] 1 tenant
   *[other] { $count } tenants
 }
overview-others-unpublished = number of tenants not published
overview-others-rank = Above { $rank } % of { $count } tenants: { $group }.
overview-others-how = Others are compared under compat only. The bar is their median or mean, the shade their middle half.
overview-changes = What changed
overview-changes-between = { $from } to { $to }
overview-changes-catalogue = The controls are of another version: points can move without the tenant.
overview-changes-configuration = The configuration or profile is another: points can move without the tenant.
overview-changes-lost = Lost points
overview-changes-gained = Gained points
overview-changes-counts = { $before } → { $after } meet it
overview-changes-more = { $count ->
    [one] And 1 more control.
   *[other] And { $count } more controls.
 }
overview-changes-still = No control gained or lost points.
overview-changes-none = There is no assessment from before to compare with. The next export that you keep will be compared with this one.
overview-slips = Accepted, and slipped further since
overview-slip = accepted with { $accepted } open, now { $now }
overview-missed = What could not be read
overview-missed-nothing = Everything that counts was read.
overview-missed-lead = { $coverage } of what counts towards the score was seen. The rest counts neither way until it can be read:
overview-missed-lead-extended = Everything that counts towards the score was seen. For the extended set this is missing:
overview-missed-points = { $controls }, { $points ->
    [one] 1 point
   *[other] { $points } points
 } not judged
overview-missed-part = { $controls }, each in part
overview-missed-which = Which
overview-missed-why = no object could be judged

## Conditional Access

nav-access = Conditional Access
access-lead = Who is protected at every sign-in, what still gets through, and what each policy is there for.
access-as-of = As of
access-empty = This can’t be shown yet
access-no-snapshot = The snapshot of this assessment is not kept. Send a newer export of the tenant.
access-other-configuration = The configuration has changed since the assessment; this page reads the policies by the one in force now.
access-enabled = { $count ->
    [one] 1 enabled user
   *[other] { $count } enabled users
 }
access-count-on = { $count ->
    [one] 1 policy on
   *[other] { $count } policies on
 }
access-count-report-only = { $count } report-only
access-count-off = { $count } off
access-defaults-on = security defaults on
access-defaults-off = security defaults off
access-defaults-unknown = security defaults not read
access-protections = Who has which protection
access-protections-how = Enabled users who have it at every sign-in that it is about, over all policies that are on together.
access-protection = Protection
access-members = Members
access-guests = Guests
access-administrators = Administrators
access-none = —
access-of = { $have } of { $total }
access-unknown = { $count } not known
access-gaps = What gets through
access-gaps-none = Nothing: every enabled user has every protection.
access-gaps-more = More of them
access-users = { $count ->
    [one] 1 user
   *[other] { $count } users
 }
access-users-unknown = { $count ->
    [one] 1 user, not known
   *[other] { $count } users, not known
 }
access-policies = Policies
access-policy = Policy
access-found = { $count ->
    [one] 1 policy
   *[other] { $count } policies
 }, page { $page } of { $pages }
access-search = Name
access-state = State
access-state-any = any
access-state-unknown = state not known
access-show = Show
access-on = On
access-report-only = Report-only
access-off = Off
access-reach = Reaches
access-reach-maybe = and perhaps { $count } more
access-reach-workloads = applications or agents, no users
access-alone = Without it
access-alone-nothing = nobody would lose a protection
access-adds = { $count ->
    [one] 1 user would lose
   *[other] { $count } users would lose
 }: { $says }
access-adds-unsure = of { $count ->
    [one] 1 user it would be unknown
   *[other] { $count } users it would be unknown
 }: { $says }
access-exclusions = Excludes
access-excludes = { $count ->
    [one] 1 enabled user in all
   *[other] { $count } enabled users in all
 }
access-excludes-users = { $count ->
    [one] 1 user by name
   *[other] { $count } users by name
 }
access-excludes-group = group { $name }: { $count ->
    [one] 1 user
   *[other] { $count } users
 }
access-excludes-group-unread = group { $name }: its members could not be read
access-excludes-role = role { $name }
access-excludes-guests = some or all guests
access-excludes-nobody = nobody
access-pages = Pages of policies
access-before = Back
access-after = Further
access-excluded = Who is left out
access-excluded-nobody = Nobody: every enabled user is reached by a policy that is on, and nobody lacks multifactor authentication only by an exclusion.
access-escape-by-exclusion = { $count ->
    [one] 1 user lacks multifactor authentication only because a policy excludes them.
   *[other] { $count } users lack multifactor authentication only because a policy excludes them.
 }
access-unreached = { $count ->
    [one] 1 enabled user is reached by no policy that is on.
   *[other] { $count } enabled users are reached by no policy that is on.
 }
access-excluded-from-all = { $count ->
    [one] Of them, 1 would be reached and is excluded from every policy.
   *[other] Of them, { $count } would be reached and are excluded from every policy.
 }
access-unreached-who = Who
access-unreached-more = { $count ->
    [one] And 1 more.
   *[other] And { $count } more.
 }
access-is-excluded = excluded

## Hygiene

nav-hygiene = Hygiene
hygiene-lead = Advice that earns no points in the core score and keeps a tenant tidy.
hygiene-microsoft = Microsoft’s recommendations
hygiene-microsoft-none = The export has recommendations, and none of them is without points.
hygiene-microsoft-missing = Microsoft’s recommendations are not in the export.
hygiene-no-snapshot = The snapshot of this assessment is not kept. Send a newer export of the tenant.
hygiene-status = Status
hygiene-checked = checked { $day }
hygiene-resources = { $count ->
    [one] 1 object
   *[other] { $count } objects
 }
hygiene-resources-unread = objects not exported
hygiene-resources-page = Objects { $from } to { $to } of { $count }
hygiene-steps = Steps
hygiene-own = Ours, in the extended set
hygiene-own-all = Every control of the extended set that could be judged is met.
hygiene-control = Control
hygiene-outcome = Outcome
hygiene-count = Objects
hygiene-points = To win
hygiene-before = Back
hygiene-after = Further
hygiene-object = Object
hygiene-kind = Kind
hygiene-unnamed = Without a name

## Licences

nav-licences = Licences
licences-lead = What is paid for and not used, and what another licence would bring.
licences-owned = Owned
licences-not-owned = Not owned
licences-unknown = Not known
licences-edition = Microsoft Entra ID { $license }
licences-unused = { $points ->
    [one] Owned and not used yet: 1 point of the core score ({ $percent }), { $extended } of the extended set.
   *[other] Owned and not used yet: { $points } points of the core score ({ $percent }), { $extended } of the extended set.
 }
licences-unused-nothing = Every control that needs it is met or decided about.
licences-locked = Would make { $core } points of the core score and { $extended } of the extended set possible. They raise the maximum too: the percentage rises only by what is done.
licences-locked-nothing = Nothing counts only with it.
licences-ownership-missing = Which licences are owned was not read.
licences-control = Control
licences-set = Set
licences-points = Points
licences-skus = What is bought
licences-skus-none = The export does not list the licences, or the snapshot is from before they were kept. Send a newer export.
licences-no-snapshot = The snapshot of this assessment is not kept. Send a newer export of the tenant.
licences-sku = Licence
licences-state = State
licences-seats = Seats
licences-assigned = Assigned
licences-free = Not assigned
licences-brings = Brings
licences-brings-nothing = neither P1 nor P2
licences-sku-unnamed = Plans of which the export does not say what brings them

## Settings

nav-settings = Settings
settings-tenants = Tenants
settings-search = Name or id
settings-find = Find
settings-more-tenants = { $count ->
    [one] And 1 more tenant; search to find it.
   *[other] And { $count } more tenants; search to find one.
 }
settings-invented = invented
settings-industry = Industry
settings-okay = Okay begins at, in %
settings-good = Good begins at, in %
settings-save = Save
settings-seats = Seats by the licences:
settings-name-how = The name comes from the export.
settings-unknown = not known
settings-never = never
settings-tokens = Tokens of the API
settings-tokens-none = There is none.
settings-token-made = This token is shown this once. It opens
settings-token-new = A new token
settings-token-name = Name
settings-token-scopes = Scopes
settings-token-created = Made
settings-token-used = Last used
settings-token-state = State
settings-token-until = until { $day }
settings-token-ended = ended
settings-token-revoked = revoked
settings-token-revoke = Revoke
settings-token-days = Days that it holds
settings-token-make = Make the token
settings-sessions = Who is signed in
settings-session-who = Who
settings-session-by = By
settings-session-since = Since
settings-session-seen = Last seen
settings-session-ends = Ends at the latest
settings-session-own = this one
settings-session-end = End
settings-alerts = Alerts
settings-alerts-how = Rules and channels stand in alerts.toml in the data folder; “idscore alerts test” tries the channels.
settings-alerts-none = Nothing was told yet, and nothing waits.
settings-alert-when = When
settings-alert-what = What
settings-alert-channel = Channel
settings-alert-state = State
settings-alert-told = told
settings-alert-waiting = waits, tried { $count } times
settings-alert-given-up = given up: { $why }
settings-disk = On disk
settings-retention = Everything is kept without limit.
settings-size-snapshots = Snapshots
settings-size-evidence = Evidence
settings-size-database = Database
settings-audit = Audit log
settings-audit-how = Everything that was written, by whom. Each entry holds the hash of the one before, so that a change shows.
settings-audit-open = Open the log
audit-entries = Entries, newest first
audit-verify = Verify the chain
audit-whole = The chain is whole: { $count } entries, up to { $head }.
audit-broken = The chain breaks at entry { $number }: { $why }.
audit-number = No.
audit-at = When
audit-actor = Who
audit-action = What
audit-subject = About
audit-tenant = Tenant
audit-detail = Detail
audit-older = Older

## Upload

upload-title = Send an export
upload-send = A newer export of this tenant
upload-send-first = Send an export
upload-file = The export
upload-limit = .zip, .tar.gz, or one .json file; at most { $mebibytes } MiB
upload-when = When it was collected, in UTC
upload-when-hint = only where the export does not say it itself
upload-go = Send and score
upload-patience = It is read, judged and kept while this page loads; a large tenant takes some seconds.
upload-layouts = What is read
upload-layout-graph = Answers of Microsoft Graph as saved by Graph Explorer, az rest, mgc or a script: pages or single objects.
upload-layout-exporter = A folder of EntraExporter.
upload-layout-scuba = ProviderSettingsExport.json of ScubaGear. It holds only some roles, so who is missing there is unknown.
upload-layout-own = The layout of idscore, with a collection.json that says what was refused.
upload-missing-counts = What an export lacks is never guessed: its controls are not assessed, and the page after sending says what would bring it.
upload-refused = This export was not kept.
upload-refused-size = It has more than { $mebibytes } MiB, the most that is taken here. Start the service with a larger --max-upload, or use “idscore score EXPORT --data DIR”.
upload-refused-busy = Another export is being read just now. Send it again in { $seconds } seconds.
upload-refused-kind = Only .zip, .tar.gz, .tgz, .tar and .json files are read. Pack a folder into a .zip first.
upload-refused-here = Something failed here, not in your export. The log of the service says what; nothing was kept.
upload-kept-title = Kept
upload-kept = The export of { $tenant } as of { $instant } was read, judged and kept.
upload-score = The score is { $percent }, from { $count ->
    [one] 1 control
   *[other] { $count } controls
 } that could be judged.
upload-overview = To the overview
upload-missing = What could not be read, and what that costs
upload-missing-nothing = Everything was read.
upload-missing-lead = The controls in the last column count neither way until what they need is read. The rest only makes answers finer.
upload-column-set = Data set
upload-column-state = State
upload-column-remedy = What would bring it
upload-column-costs = Not assessed without it
upload-costs-nothing = nothing
upload-warnings = Worth knowing
upload-read = What was read
upload-rows = { $count ->
    [one] 1 object
   *[other] { $count } objects
 }

## Zones

zone-good = Good
zone-okay = Okay
zone-bad = Bad
zone-none = No score
zone-about = Okay begins at { $okay } %, good at { $good } %
zone-okay-from = okay from { $from } %
zone-good-from = good from { $from } %
