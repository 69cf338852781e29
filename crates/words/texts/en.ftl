# Every text of the dashboard, in English.
#
# A key begins with the page that it is for; what several pages say stands first. Numbers choose their form by
# `{ $count -> [one] … *[other] … }`. Names of controls and reasons of changes come from elsewhere.

product = Identity Secure Score
skip = To the content
nav-label = Pages
nav-overview = Overview
nav-comparison = Comparison
nav-history = History
nav-reviews = Reviews
nav-tenants = Tenants
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
first-run-how = Score an export of your tenant and keep it in the data folder of this service:
first-run-after = Then open this page again. To look around first, run “idscore demo”.

## Charts

chart-keys = Chart. Arrow keys go from day to day, Page Up and Page Down by weeks.
chart-table = The numbers as a table
chart-day = Day
chart-events = What else changed

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
comparison-how-few = A rank needs at least { $count } tenants: among fewer, a percentage says more than they can tell.
comparison-how-noise = ≈ marks files whose numbers hold noise that protects each tenant: they are near, not exact.
comparison-how-invented = Groups marked as invented hold tenants of a demonstration, not real ones.
comparison-trend = Over time
comparison-beside = Beside
comparison-show = Show
comparison-trend-own = Your tenant
comparison-trend-mean = Mean, { $group }
comparison-trend-described = Your tenant beside { $group } from { $first } to { $last }. The table below has every day.
comparison-trend-none = Nothing to draw: no group has a number in these days.

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
history-fact-name = Name

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
overview-trend-microsoft = Microsoft’s own number
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
tenants-how = Scores as each tenant’s own pages show them, by its own zones. “Fell” counts controls of the core set that earn less than 30 days ago, without those that a decision took; “other rules” means that controls, configuration or profile changed too.
tenants-heat = Every action, tenant by tenant
tenants-heat-how = The core controls of the tenants above, as their newest assessments say. Actions that fewest of them meet come first.
tenants-heat-action = Action
tenants-met = met by { $met } of { $judged }
