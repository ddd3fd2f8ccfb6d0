#!/usr/bin/env bash
# Adds a migration for both databases after a change of the entities, and compiles the models again: src/Slidebridge/add-migration.sh NAME
set -euo pipefail
[ $# = 1 ] || { echo "usage: $0 NAME, such as AddPriority" >&2; exit 2; }
cd "$(dirname "$0")"
folder=$(find . -type d -name Migrations -not -path './bin/*' -not -path './obj/*' | sed 's#^\./##')
namespace=Slidebridge.${folder//\//.}
dotnet tool restore
# Made again below. Those of the entities before may not compile any more.
rm -rf Storage/CompiledModels
# Built once, with the existing migrations.
dotnet build --nologo --verbosity quiet
for database in Sqlite Postgres; do
  dotnet ef migrations add "$1" --no-build --context "${database}TaskDatabase" --output-dir "$folder/$database" --namespace "$namespace.$database"
  # Without it, each start would build the model by reflection. docs/decisions/compiled-ahead.md
  dotnet ef dbcontext optimize --no-build --context "${database}TaskDatabase" --output-dir "Storage/CompiledModels/$database" --namespace "Slidebridge.Storage.CompiledModels.$database"
done
