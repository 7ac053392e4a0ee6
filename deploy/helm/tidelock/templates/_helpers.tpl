{{- define "tidelock.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "tidelock.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "tidelock.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What cannot work is refused before it is installed. */}}
{{- define "tidelock.check" -}}
{{- if eq .Values.mode "scaled" }}
  {{- if ne (dig "state" "adapter" "" .Values.config) "@tidelock/state-postgres" }}
    {{- fail "mode scaled: several processes share their state in PostgreSQL only; name @tidelock/state-postgres under config.state" }}
  {{- end }}
  {{- if eq (dig "secrets" "adapter" "" .Values.config) "@tidelock/secrets-file" }}
    {{- fail "mode scaled: a secrets file belongs to one process; name @tidelock/secrets-vault or @tidelock/secrets-keyvault under config.secrets" }}
  {{- end }}
{{- end }}
{{- end }}
