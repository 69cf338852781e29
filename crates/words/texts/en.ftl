# Every text of the dashboard, in English.
#
# A key begins with the page that it is for; what several pages say stands first. Numbers choose their form by
# `{ $count -> [one] … *[other] … }`. Names of controls and reasons of changes come from elsewhere.

product = Identity Secure Score
skip = To the content
nav-label = Pages
nav-overview = Overview
nav-actions = Actions
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
evidence-pages = Pages
evidence-shown = { $first } to { $last } of { $all }
evidence-nobody-found = Nobody is found.
evidence-before = Before
evidence-after = Next

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

## Actions: deciding

decide-title = What it would do
decide-lead = { $count ->
    [one] About 1 action. Nothing is saved yet.
   *[other] About { $count } actions. Nothing is saved yet.
 }
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
decide-too-long = A text is longer than { $letters } letters.
decide-no-status = There is no such status.
decide-no-day = “{ $text }” is no day. Write it as 2026-12-31.

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
