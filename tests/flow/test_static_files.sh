#!/bin/bash
# The style sheets of Designsystemet that the pages use are those of the npm package, of the version that the tests name.
set -euo pipefail
cd "$PADRIVER_SOURCE"
package=build/node/node_modules/@digdir/designsystemet-css
cmp "$package/dist/src/index.css" workers/web/static/designsystemet.css
cmp "$package/dist/theme/designsystemet.css" workers/web/static/designsystemet-theme.css
cmp "$package/LICENSE" workers/web/static/designsystemet.LICENSE
