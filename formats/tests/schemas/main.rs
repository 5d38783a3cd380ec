//! Schemas of Avro, JSON and Protocol Buffers: who reads what from whom, held to the libraries that do it.

mod avro_differential;
mod avro_schemas;
mod descriptor_sets;
mod facts;
mod json_differential;
mod json_schema;
mod nested_differential;
mod protobuf_differential;
mod protobuf_hops;
mod protobuf_schemas;
