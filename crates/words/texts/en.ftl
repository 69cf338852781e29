# Every text of the dashboard, in English.
#
# A key begins with the page that it is for; what several pages say stands first. Numbers choose their form by
# `{ $count -> [one] … *[other] … }`. Names of controls and reasons of changes come from elsewhere.

product = Identity Secure Score
skip = To the content
nav-label = Pages
nav-overview = Overview
nav-actions = Actions
nav-comparison = Comparison
nav-history = History
nav-reviews = Reviews
nav-tenants = Tenants
switch-label = Tenant
switch-go = Go
menu-label = Your account
menu-signed-in = Signed in as
menu-role-reader = Reader
menu-role-operator = Operator
menu-role-administrator = Administrator
menu-role-reader-somewhere = Reader of some tenants
menu-role-operator-somewhere = Operator of some tenants
menu-role-administrator-somewhere = Administrator of some tenants
menu-api = The API and its document
theme-label = Colours
theme-system = System
theme-light = Light
theme-dark = Dark
sign-out = Sign out

## Action

action-neighbours = Before and after
action-list = All actions
action-place = { $place } of { $all }
action-fix = Steps to fix
action-open = Open where it is changed
action-why = What it is, and why
action-user-impact = What people notice
action-limits = What the data cannot show
action-sum = How the points come about
action-scoring = { $points ->
    [one] Worth 1 point, { $how }.
   *[other] Worth { $points } points, { $how }.
 }
action-missing = What is missing
action-microsoft = Microsoft’s own number on { $day }: { $points } points.
action-decide = What is decided
action-done = The data say that it is done. While they do, there is nothing to decide.
action-reader = You may look, but not decide. Ask an administrator for the role of an operator.
action-past = Who decided what
action-past-none = Nothing was decided yet.
action-chart = Share of its points over time
action-chart-own = Share earned
evidence-lose = Who loses the points, and why
evidence-unknown = What could not be judged, and why
evidence-none = Nobody loses points here, or no list of names was kept.
evidence-urgent = { $privileged } hold a privileged role, { $without } have no usable method for a second factor, { $both } both.
evidence-order = The list begins with those to call first: privileged roles before everybody else, and among each those without a usable method.
evidence-kept = { $kept } of { $all } are kept here; “idscore explain” lists all of them.
evidence-file-missing = The evidence of this assessment is missing from the data folder, so that nobody can be named here. Whoever runs this service can bring it back from a backup; a newer export of the tenant brings new evidence.
evidence-file-damaged = The evidence of this assessment is damaged, so that nobody can be named here. Whoever runs this service can bring it back from a backup; a newer export of the tenant brings new evidence.
evidence-file-unreadable = The evidence of this assessment can’t be read by the service, so that nobody can be named here. Its log says why.
evidence-find = Find somebody
evidence-find-hint = name, id, reason
evidence-go = Find
evidence-csv = All of them as CSV
evidence-number = Number
evidence-who = Who
evidence-why = Why
evidence-escapes = Sign-in:
evidence-privileged = privileged
evidence-without-method = no usable method
evidence-not-known = not known
evidence-pages = Pages of this list
evidence-shown = { $first } to { $last } of { $all }
evidence-nobody-found = Nobody is found.
evidence-before = Before
evidence-after = Next

## Actions: deciding

decide-title = What it would do
decide-lead = { $count ->
    [one] About 1 action. Nothing is saved yet.
   *[other] About { $count } actions. Nothing is saved yet.
 }
decide-about = What is decided about
decide-choose = Choose
decide-several = Change several at once
decide-several-how = Tick the actions above, and fill in only what should change for all of them. You see what it does to the score before it is saved.
decide-everything = All actions that are shown above, ticked or not
decide-keep = as it is
decide-hint-to-address = still to be done
decide-hint-planned = somebody will do it; counts in the planned score
decide-hint-risk-accepted = stays open for a time, with a reason
decide-hint-third-party = another product does it; full points by declaration
decide-hint-alternate = an internal measure does it; full points by declaration
decide-tags-hint = words between commas
decide-note = Note
decide-approval = For accepted risks and mitigations, all three are needed
decide-approver = Approved by
decide-reason = Reason
decide-expires = Ends on
decide-effect = Show the effect
decide-effect-title = Effect on every line of the score
decide-line = Line
decide-before = Before
decide-after = After
decide-change = Change
decide-line-points = Points
decide-line-maximum = Points that can be earned
decide-line-coverage = Seen of what counts
decide-line-extended-planned = Extended set, with what is planned
decide-line-extended-attested = Extended set, by attestation only
decide-changed = What changes
decide-nothing = Nothing is different from what is saved already.
decide-save = Save
decide-back = Back without saving
decide-again = Change something first
decide-none-chosen = No action was ticked. Go back and tick at least one.
decide-no-status = There is no such status.
decide-no-day = “{ $text }” is no day. Write it as 2026-12-31.

## Actions: the list

actions-choose = Which actions, and in which order
actions-search = Search
actions-search-hint = title, id, owner, note, tag
actions-group = Group by
actions-group-none = nothing
actions-group-framework = Framework
actions-sort = Sort by
actions-sort-ranking = What to do first
actions-order = Direction
actions-order-usual = as usual
actions-order-up = upwards
actions-order-down = downwards
actions-show = Show
actions-filters = Filters
actions-columns = Columns
actions-more = More
actions-any = any
actions-impact-least = { $percent } % or more
actions-impact-from = Impact: { $percent } % or more
actions-only-regressed = Only what lost points since the data before
actions-set = Filters that are set
actions-take-off = Take off
actions-all = Show all actions
actions-list = Improvement actions
actions-files = These as
actions-nothing = No action fits.
actions-shown = { $shown } of { $all } actions.
actions-together = Together they would win { $points ->
    [one] 1 point
   *[other] { $points } points
 }, { $percent } of the score.
actions-together-extended = In the extended set: { $points ->
    [one] 1 point
   *[other] { $points } points
 }, { $percent } of it.
actions-saved = { $count ->
    [0] Nothing was different from what was saved before.
    [one] 1 action is saved.
   *[other] { $count } actions are saved.
 }
actions-column-title = Action
actions-column-outcome = Outcome
actions-column-status = Status
actions-column-points = Points
actions-column-impact = Impact
actions-column-win = To win
actions-column-people = Concerned
actions-column-effort = Effort
actions-column-user-impact = User impact
actions-column-license = Licence
actions-column-regressed = Regressed
actions-column-owner = Owner
actions-column-due = Due
actions-column-tags = Tags
actions-column-frameworks = Frameworks
actions-column-area = Area
actions-column-set = Set
actions-none = —
actions-points-of = { $score } of { $max }
actions-points-proven = proven { $ends }
actions-license-none = none needed
actions-license-owned = owned
actions-license-missing = not owned
actions-license-unknown = not known whether owned
actions-people-tenant = the tenant
actions-people-without = { $count } without a usable method
actions-people-unknown = { $count } unknown
actions-regressed = lost { $points ->
    [one] 1 point
   *[other] { $points } points
 } since { $since }
actions-until = until { $day }
actions-overdue = overdue
actions-nobody = nobody
actions-no-framework = in no framework

## Charts

chart-keys = Chart. Arrow keys go from day to day, Page Up and Page Down by weeks.
chart-table = The numbers as a table
chart-day = Day
chart-events = What else changed

## Collecting from Microsoft Graph

collection-title = Collection
collection-at-work = At work now
collection-waits = It waits:
collection-live = Keep this page up to date
collection-live-stop = Stop loading it again
collection-step-signing-in = It signs in.
collection-step-reading = It reads data sets from Microsoft Graph.
collection-step-judging = Everything is read; it is being judged.
collection-elsewhere = Another process has been collecting since { $instant }.
collection-set-reading = Being read
collection-column-rows = Objects
collection-rows = { $count ->
    [one] 1 object
   *[other] { $count } objects
 }
collection-rows-of = { $rows } of { $expected }
collection-how = How it is collected
collection-domain = Tenant
collection-application = Application
collection-every = Every
collection-hours = { $hours ->
    [one] hour
   *[other] { $hours } hours
 }
collection-next = Next
collection-next-at-work = it is at work
collection-next-now = as soon as there is a turn
collection-next-paused = not until somebody goes on with it
collection-failures = Failed in a row
collection-not-here = This service has no collect.toml, so it collects nobody.
collection-now = Collect now
collection-pause = Pause
collection-resume = Go on
collection-disconnect = Disconnect
collection-other = Connect it otherwise
collection-none = This tenant is not collected; its exports are sent by hand or by a script.
collection-runs = Runs
collection-runs-none = There was none yet.
collection-column-began = Began
collection-column-took = Took
collection-column-read = What was read
collection-column-why = Why
collection-run-running = at work
collection-run-kept = kept
collection-run-failed = failed
collection-run-interrupted = interrupted
collection-run-read = { $complete } of { $all } data sets, { $rows } objects
collection-run-took = { $seconds } s

## Comparison

comparison-lead = { $percent } under compat on { $day }.
comparison-lead-rank = Among { $group }, that is { $standing }.
comparison-lead-none = No assessment lies in these days.
comparison-industry-none = Nobody said the industry of this tenant yet, so it stands among no industry. An administrator can.
comparison-table = Beside others
comparison-head-group = Group
comparison-head-source = Source
comparison-head-day = Day
comparison-head-tenants = Tenants
comparison-head-middle = Median or mean
comparison-head-spread = P25–P75
comparison-head-own = Yours then
comparison-head-standing = Where you stand
comparison-own = Your tenant
comparison-own-source = this program
comparison-own-microsoft = Microsoft’s own number
comparison-unpublished = not published
comparison-mean = { $percent } (mean)
comparison-how = Percentages of the identity controls under compat only; the overall Secure Score is another measure. Of tenants with the same percentage, yours among them, half count as lower.
comparison-how-few = Median, quartiles and rank need at least { $count } tenants: among fewer, whoever knows one could work out the others.
comparison-how-noise = ≈ marks files whose numbers hold noise that protects each tenant: they are near, not exact.
comparison-how-invented = Groups marked as invented hold tenants of a demonstration, not real ones.
comparison-trend = Over time
comparison-beside = Beside
comparison-show = Show
comparison-trend-own = Your tenant
comparison-trend-mean = Mean, { $group }
comparison-trend-described = Your tenant beside { $group } from { $first } to { $last }. The table below has every day.
comparison-trend-none = Nothing to draw: no group has a number in these days.

## Conditional Access

nav-access = Conditional Access
access-lead = Who is protected at every sign-in, what still gets through, and what each policy is there for.
access-as-of = As of
access-empty = This can’t be shown yet
access-no-snapshot = The snapshot of this assessment is not kept. Send a newer export of the tenant.
snapshot-file-missing = The snapshot of this assessment is missing from the data folder. Whoever runs this service can bring it back from a backup; or send a newer export of the tenant.
snapshot-file-damaged = The snapshot of this assessment is damaged. Whoever runs this service can bring it back from a backup; or send a newer export of the tenant.
snapshot-file-unreadable = The snapshot of this assessment can’t be read by the service. Its log says why.
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

## Connecting a tenant

connect-title = Connect a tenant
connect-lead = It is then read from Microsoft Graph on a schedule. Nothing is changed in it, and no secret passes through this page.
connect-refused = It was not connected.
connect-tried-title = What it may read
connect-tried = It signs in to tenant { $tenant }, and may read { $readable } of { $all } data sets.
connect-readable = What can be read
connect-tried-how = What can't be read makes its controls not assessed; nothing is guessed. Grant the permission, or connect it as it is.
connect-column-permission = Permission
connect-which = Which tenant, and as which application
connect-domain = Tenant
connect-domain-hint = its id or one of its domains, such as contoso.onmicrosoft.com
connect-application = Application
connect-try = Try it
connect-go = Connect and collect
connect-patience = It signs in and asks for each data set once; that takes some seconds.
connect-consent = Consent
connect-consent-how = An administrator of the tenant agrees once to what the application may read:
connect-consent-identity = a managed identity is granted its permissions by a script
connect-no-file = As which application
connect-no-file-how = Write collect.toml into the data folder of this service, and start it again. It names the application and where its secret is, and never holds the secret:
connect-register = How to register an application that may only read:

## Difference of two days

difference-title = What moved, and why
difference-back = Back to the history
difference-other-measure = One of the two is Microsoft’s own number and the other is ours: they measure differently. Choose two of one kind.
difference-before = From
difference-after = To
difference-about = profile { $profile }, controls { $catalogue }, configuration { $configuration }
difference-microsoft = Microsoft’s own number
difference-swapped = The later one was named first. They are laid beside each other in the order of time.
difference-same = Both days mean the same assessment: a day without one means the last before it.
difference-core = Identity Secure Score
difference-extended = Extended set, never part of the score
difference-points = { $before } of { $before_maximum } points → { $after } of { $after_maximum } points
difference-sum = Sum of the moves: { $lost } lost and { $gained } gained make { $sum } points.
difference-lost = { $count ->
    [one] 1 control lost points
   *[other] { $count } controls lost points
 }
difference-gained = { $count ->
    [one] 1 control gained points
   *[other] { $count } controls gained points
 }
difference-still = { $count ->
    [one] 1 control moved without points
   *[other] { $count } controls moved without points
 }
difference-none = No control moved.
difference-policies = Policies
difference-policies-unknown = were not kept or not read on both sides; what changed in them is not known
difference-declared = Exceptions and other declarations
difference-data = Data that were read
difference-data-absent = absent

## First run

first-run-title = Nothing was assessed yet
first-run-lead = Bring an export of your tenant, and the score is here in seconds. Nothing leaves this machine.
first-run-terminal = Or in the terminal, with the data folder of this service
first-run-connect = Or let this service read it from Microsoft Graph, now and every day
first-run-demo = To look around first, with an invented tenant

## Comparison with Microsoft

microsoft-open = Control by control beside Microsoft’s own score
microsoft-title = Beside Microsoft’s own score
microsoft-back = Comparison
microsoft-none = The export of this assessment holds no score of Microsoft. Collect secureScores, secureScoreControlProfiles and recommendations with it.
microsoft-no-snapshot = The snapshot of this assessment is not kept. Send a newer export of the tenant.
microsoft-other = Judged by the configuration that is in force now, which is another than that of the assessment.
microsoft-together = Together
microsoft-controls = Control by control
microsoft-control = Control
microsoft-ours = Ours
microsoft-theirs = Microsoft’s
microsoft-difference = Difference
microsoft-why = Likely reason
microsoft-all = All

## History

history-lead = { $percent } now, known day by day since { $since }.
history-range-all = All
history-set-label = Set
history-set-core = Core
history-set-extended = Extended
history-from = First day
history-to = Last day
history-show = Show these days
history-graph-none = Nothing is known of these days.
history-apart = Difference of two days
history-apart-from = From
history-apart-to = To
history-apart-show = What moved?
history-apart-how = Control by control, with the people, policies, exceptions and licences behind it. A day without an assessment means the last before it.
history-log = Everything that changed
history-log-none = nothing of this kind
history-log-shown = { $from } to { $to } of { $all }, newest first
history-log-why = What moved, and why
history-log-score = { $percent }: { $earned } of { $maximum } points
history-log-extended = Extended set: { $percent } ({ $change })
history-log-extended-fell = extended set fell
history-log-policy = Policy { $policy }
history-log-catalogue = Other controls: version { $before } → { $after }. Points can move by this alone.
history-log-profile = Another profile: { $before } → { $after }. Points can move by this alone.
history-log-configuration = Another configuration. Points can move by this alone.
history-log-first = The first that is kept.
history-log-still = No control gained or lost points.
history-kind-label = What to show
history-kind-all = Everything
history-kind-moved = Points moved
history-kind-fell = Fell
history-kind-decisions = Decisions
history-kind-reviews = Reviews and attestations
history-kind-rules = Controls or configuration
history-kind-microsoft = Microsoft’s own days
history-kind-settings = Settings
history-turn-label = Pages of the log
history-newer = Newer
history-older = Older
history-by = by
history-cause-snapshot = New data
history-cause-reassessment = Judged again
history-cause-decision = After a decision
history-cause-expiry = A decision or review ended
history-cause-microsoft = Microsoft’s own number
history-did-action = Decision
history-did-recommendation = Recommendation answered
history-did-review = Review recorded
history-did-attestation = Attestation recorded
history-did-industry = Industry changed
history-did-zones = Zones changed
history-did-configuration = Judged by another configuration from here on
history-did-token = Token made
history-did-revoke = Token revoked
history-did-register = Tenant made known, or its name or size changed
history-status-open = to address
history-fact-owner = Owner
history-fact-approver = Approved by
history-fact-reason = Reason
history-fact-due = Due
history-fact-expires = Until
history-fact-note = Note
history-fact-tags = Tags
history-fact-status = Status
history-fact-reviewed = Reviewed
history-fact-industry = Industry
history-fact-before = Before
history-fact-zones = Okay and good from
history-fact-configuration = Configuration
history-fact-profile = Profile
history-fact-score = Core by this one
history-fact-score-before = Core by the one before
history-fact-name = Name

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
decide-line-at-least = Proven at least
decide-line-at-most = Possible at most
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
overview-trend-microsoft = Microsoft’s own number
overview-trend-median = Median, { $group }
overview-trend-band = P25–P75 of them
overview-extended-proven = of which is proven
overview-trend-proven = Proven between
overview-trend-not-known = not known
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

## Reviews

reviews-lead = { $done } of { $all } reviews count in full.
reviews-lead-open = { $count ->
    [one] 1 is overdue or was never done.
   *[other] { $count } are overdue or were never done.
 }
reviews-lead-due = { $count ->
    [one] 1 is due within two days.
   *[other] { $count } are due within two days.
 }
reviews-recorded = The review is recorded, and the score follows.
reviews-attested = The attestation is recorded, and the score follows.
reviews-tasks = What to look at
reviews-tasks-none = No control asks for a review.
reviews-how = A review counts in full for its period. After that its points fade evenly, and nothing is left after twice the period.
reviews-state-never = never done
reviews-state-overdue = overdue
reviews-state-due = due
reviews-state-done = done
reviews-state-not-judged = not judged
reviews-every = { $days ->
    [one] every day
   *[other] every { $days } days
 }
reviews-points = Points
reviews-points-of = { $earned } of { $maximum }
reviews-points-none = none to earn
reviews-last = Last review
reviews-last-never = none recorded
reviews-last-by = { $day } by { $who }
reviews-last-configured = { $day }, by the configuration
reviews-due = Next due
reviews-due-now = now
reviews-fades = Fades until
reviews-where = Review it in Microsoft Entra
reviews-how-to = How to do it
reviews-record = Record a review
reviews-record-by = Who reviewed
reviews-record-day = Day of the review
reviews-record-note = What was found
reviews-record-save = Record it
reviews-attestations = Attestations
reviews-attestations-how = Some settings are not in Microsoft Graph. Until somebody vouches for them, they are not assessed; what is vouched for is shown apart in the score.
reviews-attestations-none = No control rests on an attestation.
reviews-attest-stands = stands
reviews-attest-ended = ended
reviews-attest-missing = nobody vouches
reviews-attest-configured = by the configuration
reviews-attest-owner = Who vouches
reviews-attest-reason = What was seen, and where
reviews-attest-expires = Last day it counts
reviews-attest-recorded = Recorded
reviews-attest-record = Record an attestation
reviews-attest-save = Record it
reviews-log = Reviews that were recorded
reviews-log-none = None yet.
reviews-log-more = { $count ->
    [one] And 1 older one; the log of the history has all.
   *[other] And { $count } older ones; the log of the history has all.
 }
reviews-log-when = When
reviews-log-what = What
reviews-log-who = Who
reviews-log-note = What was found

## Settings

nav-settings = Settings
settings-tenants = Tenants
settings-collection = How it is collected from Microsoft Graph
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
settings-alerts-how = Rules and channels stand in alerts.toml in the data folder. Of an address only the host is shown.
settings-alerts-unset = Nobody is told of anything yet. Write rules and channels into alerts.toml in the data folder, and start the service again.
settings-alerts-none = Nothing was told yet, and nothing waits.
settings-channels = Channels
settings-channel-by = How
settings-channel-host = Host
settings-channel-to = To
settings-channel-webhook = Signed webhook
settings-channel-teams = Teams card
settings-channel-mail = Mail
settings-channel-test = Send a test
settings-tested = The test message to { $channel } arrived.
settings-tested-failed = The test message to { $channel } did not arrive: { $why }.
settings-rules = Rules
settings-rules-none = There is no rule, so nobody is told of anything.
settings-rule-core = score
settings-rule-extended = extended score
settings-rule-score-below = The { $set } falls below { $percent } %
settings-rule-drop-percent = The { $set } drops by { $by } percentage points or more
settings-rule-drop-points = The { $set } drops by { $by } points or more
settings-rule-regressed = An action lost points
settings-rule-ending = A decision ends within { $days ->
    [one] one day
   *[other] { $days } days
 }, or has ended
settings-rule-slipped = What was accepted slipped further
settings-rule-import = An export could not be read, judged or kept
settings-every-tenant = all, those that come later included
settings-told = Told lately
settings-roles = Roles from the identity provider
settings-roles-how = Whoever has one of these values in the token of the provider gets the role; the higher of two counts. It stands in sign-in.toml. The provider is
settings-roles-none = No identity provider is set up: people sign in with the link that the terminal of the service shows. sign-in.toml in the data folder names one.
settings-role-claim = Claim
settings-role-value = Value
settings-role-role = Role here
settings-alert-when = When
settings-alert-what = What
settings-alert-channel = Channel
settings-alert-state = State
settings-alert-told = told
settings-alert-waiting = waits, tried { $count } times
settings-alert-given-up = given up: { $why }
settings-disk = On disk
settings-retention = How long things are kept
settings-life-tenants = Assessments, snapshots, evidence, decisions
settings-life-tenants-how = without limit; “idscore tenant delete” takes away all of a tenant
settings-life-log = The audit log
settings-life-log-how = without limit; of a deleted tenant its entries are emptied
settings-life-sessions = Somebody who is signed in
settings-life-sessions-how = { $idle } minutes without a page, { $most } hours at most
settings-life-ended = Sessions that have ended
settings-life-ended-how = { $days } days
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
audit-damaged = The pages of the database that hold the log contradict each other: restore a backup.
audit-clock = { $count ->
    [one] Before entry { $number } the clock was set back.
   *[other] Before { $count } entries the clock was set back, the first of them { $number }.
  }
audit-number = No.
audit-at = When
audit-kind = Kind
audit-actor = Who
audit-action = What
audit-subject = About
audit-tenant = Tenant
audit-detail = Detail
audit-older = Older

## Signed out

signed-out-title = You are signed out
signed-out-here = Here nobody is signed in any more. Whoever shares this computer should be signed out there too:
signed-out-there = Sign out at

## Signing in

sign-in-title = Sign in
sign-in-link = The terminal in which the service runs shows a link. It signs you in once, within ten minutes.
sign-in-another = Show a new link in the terminal
sign-in-sent = A new link is in the terminal of the service.
sign-in-used = That link was used already, or its ten minutes are over.
sign-in-provider = Sign in with
sign-in-none = Where the service runs, `idscore sign-in-link --data DIR` prints a link. It signs you in once, within ten minutes.

## Tenants

tenants-lead = { $count ->
    [one] You may look at 1 tenant.
   *[other] You may look at { $count } tenants.
 }
tenants-all = All of them
tenants-average = Average
tenants-median = Median
tenants-best = Best
tenants-worst = Worst
tenants-zones = By zone
tenants-everything = Show all
tenants-list = Tenants
tenants-none = no tenant like that
tenants-shown = { $from } to { $to } of { $all }
tenants-search = Name, id or industry
tenants-find = Search
tenants-head-name = Tenant
tenants-head-score = Score
tenants-head-change = 30 days
tenants-head-coverage = Seen
tenants-head-age = Age of data
tenants-head-size = Size
tenants-head-fallen = Fell in 30 days
tenants-head-industry = Industry
tenants-no-score = no score
tenants-not-assessed = not assessed yet
tenants-age = { $days ->
    [0] today
    [one] 1 day
   *[other] { $days } days
 }
tenants-seats = { $seats ->
    [one] 1 seat
   *[other] { $seats } seats
 }
tenants-fallen = { $count ->
    [0] none
    [one] 1 control
   *[other] { $count } controls
 }
tenants-fallen-rules = { $count ->
    [one] 1 control, with other rules
   *[other] { $count } controls, with other rules
 }
tenants-turn = Pages of tenants
tenants-before = Before
tenants-after = Next
tenants-how = Scores as each tenant’s own pages show them, by its own zones. “Fell” counts controls of the core set that lost points in 30 days, without those that a decision took or of which less was seen; “other rules” means that controls, configuration or profile changed too.
tenants-heat = Every action, tenant by tenant
tenants-heat-how = The core controls of the tenants above, as their newest assessments say. Actions that fewest of them meet come first.
tenants-heat-action = Action
tenants-met = met by { $met } of { $judged }

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
failure-declined-title = You were not signed in
failure-declined = The identity provider sent you back without signing you in. Go back and try again.
failure-no-role-title = You have no role here
failure-no-role = The identity provider knows you, but no role or group of yours is mapped to one of this service. Ask whoever runs it for a role: reader, operator or administrator.
failure-not-believed-title = You were not signed in
failure-not-believed = The identity provider's answer did not hold up. Go back and try again; if it happens again, the log of the service says why.
failure-often-title = Too many attempts
failure-often = From your address somebody began to sign in very often. Wait a minute, then try again.
failure-overage-title = You are in too many groups
failure-overage = The identity provider left your groups out of its answer, because there are too many to list. Whoever runs this service can give out app roles in place of groups; those are always listed.
failure-stale-title = This attempt has ended
failure-stale = Signing in takes at most ten minutes, works once, and has to end in the browser in which it began. Go back and begin again.
failure-unreached-title = The identity provider does not answer
failure-unreached = It could not be asked who you are. Try again in a while; the log of the service says what is wrong.
failure-file-missing-title = A file is missing
failure-file-missing = What this page is made of is missing from the data folder. Whoever runs this service can bring it back from a backup; its log names the file.
failure-file-damaged-title = A file is damaged
failure-file-damaged = What this page is made of is damaged in the data folder. Whoever runs this service can bring it back from a backup; its log names the file.
failure-file-unreadable-title = A file can’t be read
failure-file-unreadable = The service can’t read what this page is made of. Its log names the file and says why.
failure-busy-title = The service is busy
failure-busy = Others are writing, and your turn did not come in time. Nothing was changed; try again in some seconds.
failure-broken-title = Something broke
failure-broken = The service could not make this page. Its log says why; nothing that was kept is lost.
failure-back-sign-in = To the page that signs in

## Zones

zone-good = Good
zone-okay = Okay
zone-bad = Bad
zone-none = No score
zone-about = Okay begins at { $okay } %, good at { $good } %
zone-okay-from = okay from { $from } %
zone-good-from = good from { $from } %
