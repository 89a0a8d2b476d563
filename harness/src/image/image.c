/* SPDX-License-Identifier: MIT */
/* Giving back what the description of an image owns: see image.h. */
#include "usernsrepro/image.h"

#include <stdlib.h>

void unr_image_done(struct unr_image *image)
{
	if (image == NULL)
		return;
	for (size_t i = 0; i < image->n_layers; i++) {
		free(image->layers[i].digest);
		free(image->layers[i].diff_id);
		free(image->layers[i].created_by);
	}
	free(image->layers);
	free(image->reference);
	free(image->config_digest);
	free(image->user);
	*image = (struct unr_image) { 0 };
}
