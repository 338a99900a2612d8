//! Files: real ones where they are there, small ones made here for everything that can be wrong with them.

mod api_goldens;
mod batches;
mod cifar;
mod docs;
mod fetch;
mod imagenet;
mod nats;
mod nats_damage;
mod nb101;
mod nb201;
mod nb201_pth;
mod npz;
mod own_data;
mod pickle;
mod pickle_hostile;
mod support;
mod targets;
mod tnb101;
mod torch_file;
