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
failure-back-sign-in = To the page that signs in
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
failure-broken-title = Something broke
failure-broken = The service could not make this page. Its log says why; nothing that was kept is lost.

## Signing in

sign-in-title = Sign in
sign-in-link = The terminal in which the service runs shows a link. It signs you in once, within ten minutes.
sign-in-another = Show a new link in the terminal
sign-in-sent = A new link is in the terminal of the service.
sign-in-used = That link was used already, or its ten minutes are over.
sign-in-provider = Sign in with
sign-in-none = This service has no way to sign in yet.

## Signed out

signed-out-title = You are signed out
signed-out-here = Here nobody is signed in any more. Whoever shares this computer should be signed out there too:
signed-out-there = Sign out at

## First run

first-run-title = Nothing was assessed yet
first-run-how = Score an export of your tenant and keep it in the data folder of this service:
first-run-after = Then open this page again. To look around first, run “idscore demo”.

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
