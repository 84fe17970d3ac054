{{- define "api.pg" -}}
{{- default "https://api.ionos.com/databases/postgresql" .Values.config.upstream.postgres -}}
{{- end -}}
{{- /* https://api.ionos.com/databases/postgresql is the fallback */ -}}
