/* content/preload: what the libraries under content/ read from disk, read before a worker's cage closes. */
#pragma once

void ds_content_preload (void);
