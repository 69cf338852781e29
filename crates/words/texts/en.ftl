# Every text of the dashboard, in English.
