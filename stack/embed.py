#!/usr/bin/env python3
"""Writes the Lambda sources of this folder into fieldkey.yaml, where `ZipFile: | # NAME` says which goes where.

    embed.py           writes them
    embed.py --check   fails if the template is not what the sources say, or has become too large
"""

import re
import sys
from pathlib import Path

STACK = Path(__file__).resolve().parent
TEMPLATE = STACK / "fieldkey.yaml"
# A larger one could be deployed only by way of a bucket.
LARGEST = 51_200

# The block ends where a line stands that is indented no deeper than its key.
BLOCK = re.compile(r"^( *)(ZipFile: \| # (\S+)\n)(?:\1 +\S.*\n|\n(?=(?:\n)*\1 ))*", re.MULTILINE)


def block(found: re.Match) -> str:
    indent, key, name = found.groups()
    lines = (STACK / name).read_text(encoding="utf-8").splitlines()
    return f"{indent}{key}" + "".join(f"{indent}  {line}\n" if line else "\n" for line in lines)


def main() -> None:
    now = TEMPLATE.read_text(encoding="utf-8")
    wanted = BLOCK.sub(block, now)
    size = len(wanted.encode())
    if size > LARGEST:
        sys.exit(f"{TEMPLATE.name} would have {size} bytes; CloudFormation takes {LARGEST}")
    if sys.argv[1:] == ["--check"]:
        if wanted != now:
            sys.exit(f"{TEMPLATE.name} is not what the Lambda sources say: run stack/embed.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    elif wanted != now:
        TEMPLATE.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
