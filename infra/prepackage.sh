#!/bin/sh
# Makes the package whole before azd zips it: the backend in host.json, and every dependency in .python_packages, for the
# Python and the Linux of Flex Consumption. Nothing is built in Azure: https://aka.ms/azd-functionapp-remote-build
set -eu
target=.python_packages/lib/site-packages
python=$(command -v python3 || command -v python)

"$python" infra/set_storage_provider.py

# requirements.txt names every dependency, with hashes. So pip resolves none: its markers would be those of this machine.
rm -rf .python_packages
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
    --only-binary :all: --implementation cp --python-version 3.13 \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
    --target "$target" --requirement requirements.txt
echo "The dependencies of the app are in $target."
