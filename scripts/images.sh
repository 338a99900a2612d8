# Where images are, for the scripts that source this: `images` is the folder that the user named, or empty; `own_size` the batch size that
# was asked for, or empty; `size` that of the benchmark.

declare -A archive=([cifar10]=cifar-10 [cifar100]=cifar-100)

# The file or folder of images of dataset $1: the user's folder, raw data, the folder beside the checkout. Nothing if there is none.
find_images() {
    local folder candidate
    for folder in ${images:+"$images"} data/raw ../shared/data/images; do
        for candidate in "$folder/images_$1.npz" "$folder/images_$1"_*.npz \
            ${archive[$1]:+"$folder/${archive[$1]}-binary.tar.gz" "$folder/${archive[$1]}-batches-bin" "$folder/${archive[$1]}-binary"}; do
            if [[ -e $candidate ]]; then printf '%s' "$candidate" && return; fi
        done
    done
}

# What to say where there is none of dataset $1.
no_images() {
    local official=''
    if [[ -n ${archive[$1]:-} ]]; then official=" the official ${archive[$1]}-binary.tar.gz or"; fi
    printf '%s' "there are no images of $1: put$official an images_$1.npz (arrays images_u8_nchw and the targets, see docs/images.md) into" \
        " data/raw, name another folder with --images or ZICO_IMAGES, or pass \`--batch random\` to use noise"
}

# Images per batch of dataset $1. ImageNet16-120: as many as the published subset of 106 images has.
batch_size() {
    if [[ -n ${own_size:-} ]]; then printf '%s' "$own_size"; elif [[ $1 == imagenet16-120 ]]; then printf 53; else printf '%s' "$size"; fi
}
