#!/usr/bin/env bash
# microsoft-kiota-serialization-json 1.16.0 (PyPI), Python 3.10 or newer; seen on 2026-12-01.
#
# Behaviour: reading JSON into the typed models of Microsoft's Python SDKs, a word that the enumeration does not have becomes
# None, exactly as where the property is absent or null; in a list it becomes a None among the values, and in a list written as one text with
# commas it is left out. The models have `UnknownFutureValue`, which is never chosen. A word is compared by its member's name, so
# that another case in its first letter makes no difference and any other does.
# Output seen: None | [<Area.Users: 'users'>, None] | [<Area.Users: 'users'>] | Area.Users | None
# Guess: an unseen word is `unknownFutureValue`, the member that Graph has for it, or an error.
# Why it matters here: recommendations in words of our own would reach a typed client without type and without area, and nobody would be
# told. So `recommendationType` and `featureAreas` use Graph's words, `unknownFutureValue` where there is none, and an extension holds ours.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check microsoft-kiota-serialization-json==1.16.0

seen="$("$folder/python/bin/python" - <<'PYTHON'
from enum import Enum

from kiota_serialization_json.json_parse_node import JsonParseNode


class Area(str, Enum):
    Users = "users"
    SignIns = "signIns"
    UnknownFutureValue = "unknownFutureValue"


def one(word):
    return JsonParseNode(word).get_enum_value(Area)


def several(words):
    return JsonParseNode(words).get_collection_of_enum_values(Area)


print(one("neverSeen"), several(["users", "neverSeen"]), several("users,neverSeen"), one("Users"), one("signins"), sep=" | ")
PYTHON
)"
echo "$seen"
expected="None | [<Area.Users: 'users'>, None] | [<Area.Users: 'users'>] | Area.Users | None"
[ "$seen" = "$expected" ] || { echo "changed: expected $expected" >&2; exit 1; }
