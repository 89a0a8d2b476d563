/* SPDX-License-Identifier: MIT */
/* A diagnosis as JSON; docs/report-format.md has the fields.  Does no I/O. */
#include <stdlib.h>

#include "report/json_value.h"
#include "usernsrepro/doctor.h"

static json_t *symptom_value(struct unr_json_maker *json, const struct unr_symptom *symptom)
{
	json_t *value = json_object();

	unr_json_put_string(json, value, "name", symptom->name);
	unr_json_put_string(json, value, "health", unr_health_name(symptom->health));
	unr_json_put_string(json, value, "found", symptom->found);
	if (symptom->means != NULL)
		unr_json_put_string(json, value, "means", symptom->means);
	if (symptom->remedy != NULL)
		unr_json_put_string(json, value, "remedy", symptom->remedy);
	return value;
}

static void put_strings(struct unr_json_maker *json, json_t *report, const char *key,
			const char *first_key, const char *first, const char *second_key,
			const char *second)
{
	json_t *value = json_object();

	unr_json_put_string(json, value, first_key, first);
	unr_json_put_string(json, value, second_key, second);
	unr_json_put(json, report, key, value);
}

char *unr_diagnosis_json(const struct unr_diagnosis *diagnosis)
{
	struct unr_json_maker json = { 0 };
	json_t *report = json_object(), *checks = json_array();
	char *text = NULL;

	unr_json_put(&json, report, "version", unr_json_number(1));
	put_strings(&json, report, "tool", "name", "userns-repro", "version", UNR_VERSION);
	put_strings(&json, report, "host", "kernel", diagnosis->kernel, "distribution",
		    diagnosis->distribution);
	unr_json_put(&json, report, "can_run", json_boolean(diagnosis->can_run));
	for (size_t i = 0; i < diagnosis->n_symptoms; i++)
		unr_json_push(&json, checks, symptom_value(&json, &diagnosis->symptoms[i]));
	unr_json_put(&json, report, "checks", checks);
	if (!json.failed)
		text = json_dumps(report, JSON_INDENT(2));
	json_decref(report);
	return text;
}
