/* SPDX-License-Identifier: MIT */
/* What the description of an image owns, and giving it back: see image.h. */
#include "usernsrepro/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void unr_layer_done(struct unr_layer *layer)
{
	free(layer->digest);
	free(layer->diff_id);
	free(layer->created_by);
	*layer = (struct unr_layer) { 0 };
}

void unr_oddity_done(struct unr_oddity *oddity)
{
	free(oddity->xattr);
	free(oddity->path);
	*oddity = (struct unr_oddity) { 0 };
}

static void forget_layers(struct unr_image *image)
{
	for (size_t i = 0; i < image->n_layers; i++)
		unr_layer_done(&image->layers[i]);
	free(image->layers);
	image->layers = NULL;
	image->n_layers = 0;
}

int unr_image_refuse(struct unr_image *image, const char *words)
{
	free(image->refusal);
	image->refusal = strdup(words);
	forget_layers(image);
	return image->refusal == NULL ? -ENOMEM : 0;
}

void unr_image_done(struct unr_image *image)
{
	if (image == NULL)
		return;
	forget_layers(image);
	unr_oddity_done(&image->oddity);
	free(image->reference);
	free(image->config_digest);
	free(image->system);
	free(image->user);
	for (size_t i = 0; i < image->n_env; i++)
		free(image->env[i]);
	free(image->env);
	free(image->working_dir);
	for (size_t i = 0; i < image->n_tags; i++)
		free(image->tags[i]);
	free(image->tags);
	free(image->refusal);
	*image = (struct unr_image) { 0 };
}
