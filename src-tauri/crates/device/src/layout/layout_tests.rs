pub(crate) use super::claim::tests::bundle;
pub(crate) use super::identity::tests::identity;
use super::*;

pub(crate) fn greengrass() -> Layout {
    Layout::Greengrass(Root::parse(greengrass::ROOT).expect("a root"))
}

pub(crate) fn device_client() -> Layout {
    Layout::DeviceClient(Root::parse(device_client::ROOT).expect("a root"))
}

fn layouts() -> [Layout; 3] {
    [Layout::Drive, greengrass(), device_client()]
}

fn bundles() -> [Bundle; 2] {
    [bundle(), Bundle::Identity(identity(1))]
}

/// The text of a layout's file of settings.
fn config(layout: &Layout, bundle: &Bundle) -> String {
    let contents = layout.contents(bundle).expect("contents");
    String::from_utf8(contents[3].bytes.to_vec()).expect("text")
}

#[test]
fn contents_come_in_the_order_of_the_names_and_the_record_last() {
    for (layout, bundle) in layouts().iter().flat_map(|layout| bundles().map(|bundle| (layout, bundle))) {
        let about = About::of(&bundle);
        let contents = layout.contents(&bundle).expect("contents");
        let names: Vec<&str> = contents.iter().map(|content| &*content.name).collect();
        let files = layout.files(&about);
        let expected: Vec<&str> = files.each().chain([marker(about.kind)]).collect();
        assert_eq!(names, expected, "the last name is the one that says the rest is whole");
        let anybody = layout.files(&About::anybody(about.kind));
        assert!(
            anybody.each().zip(files.each()).all(|(a, b)| a.len() >= b.len()),
            "the probe for room takes their place"
        );
    }
}

#[test]
fn files_end_in_one_line_end() {
    for (layout, bundle) in layouts().iter().flat_map(|layout| bundles().map(|bundle| (layout, bundle))) {
        for content in &layout.contents(&bundle).expect("contents") {
            assert!(content.bytes.ends_with(b"\n") && !content.bytes.ends_with(b"\n\n"), "{}", content.name);
        }
    }
}

#[test]
fn a_bundle_gives_the_same_bytes_each_time() {
    for (layout, bundle) in layouts().iter().flat_map(|layout| bundles().map(|bundle| (layout, bundle))) {
        let [first, second] = [layout.contents(&bundle), layout.contents(&bundle)].map(|c| c.expect("contents"));
        for (a, b) in first.iter().zip(&second) {
            assert!(a.bytes == b.bytes, "{}: the read-back compares with a second building", a.name);
        }
    }
}

/// A YAML text as an independent parser reads it.
fn yaml(text: &str) -> serde_json::Value {
    fn value(node: &yaml_rust2::Yaml) -> serde_json::Value {
        match node {
            yaml_rust2::Yaml::Hash(map) => {
                map.iter().map(|(key, inner)| (key.as_str().expect("a key").to_owned(), value(inner))).collect()
            }
            yaml_rust2::Yaml::String(text) => text.as_str().into(),
            yaml_rust2::Yaml::Integer(number) => (*number).into(),
            other => panic!("{other:?}"),
        }
    }
    let documents = yaml_rust2::YamlLoader::load_from_str(text).expect("YAML");
    assert_eq!(documents.len(), 1);
    value(&documents[0])
}

#[test]
fn greengrass_finds_the_plug_in_s_parameters_of_a_claim() {
    let expected = serde_json::json!({"services": {
        "aws.greengrass.Nucleus": {"configuration": {"awsRegion": "ap-northeast-1", "iotRoleAlias": "fieldkey"}},
        "aws.greengrass.FleetProvisioningByClaim": {"configuration": {
            "rootPath": "/greengrass/v2",
            "awsRegion": "ap-northeast-1",
            "iotDataEndpoint": "x-ats.iot.ap-northeast-1.amazonaws.com",
            "iotCredentialEndpoint": "c.credentials.example.com",
            "iotRoleAlias": "fieldkey",
            "provisioningTemplate": "fieldkey",
            "claimCertificatePath": "/greengrass/v2/claim.pem.crt",
            "claimCertificatePrivateKeyPath": "/greengrass/v2/claim.private.pem.key",
            "rootCaPath": "/greengrass/v2/AmazonRootCA1.pem",
            "templateParameters": {"SerialNumber": "SN-1"},
        }},
    }});
    assert_eq!(yaml(&config(&greengrass(), &bundle())), expected);
}

#[test]
fn greengrass_finds_its_system_and_its_nucleus_in_an_identity() {
    let expected = serde_json::json!({
        "system": {
            "certificateFilePath": "/greengrass/v2/device.pem.crt",
            "privateKeyPath": "/greengrass/v2/private.pem.key",
            "rootCaPath": "/greengrass/v2/AmazonRootCA1.pem",
            "rootpath": "/greengrass/v2",
            "thingName": "Fleet_Index_SN-1",
        },
        "services": {"aws.greengrass.Nucleus": {"componentType": "NUCLEUS", "configuration": {
            "awsRegion": "ap-northeast-1",
            "iotRoleAlias": "fieldkey",
            "iotDataEndpoint": "x-ats.iot.ap-northeast-1.amazonaws.com",
            "iotCredEndpoint": "c.credentials.example.com",
        }}},
    });
    assert_eq!(yaml(&config(&greengrass(), &Bundle::Identity(identity(1)))), expected);
}

#[test]
fn another_port_and_odd_parameters_are_written_so_that_yaml_reads_them() {
    let Bundle::Claim(mut claim) = bundle() else { panic!("a claim") };
    let odd = "a: b #c\n\"'\\{}%@`\u{85}\u{2028}\u{7f}現場 yes";
    claim.parameters.insert("odd: key".into(), odd.into());
    claim.endpoint.port = 18_883;
    let read = yaml(&config(&greengrass(), &Bundle::Claim(claim)));
    let parameters = &read["services"]["aws.greengrass.FleetProvisioningByClaim"]["configuration"];
    assert_eq!(parameters["templateParameters"]["odd: key"], odd);
    assert_eq!(parameters["mqttPort"], 18_883);
    let mut identity = identity(1);
    identity.endpoint.port = 443;
    let read = yaml(&config(&greengrass(), &Bundle::Identity(identity)));
    assert_eq!(read["services"]["aws.greengrass.Nucleus"]["configuration"]["mqtt"]["port"], 443);
}

#[test]
fn greengrass_without_a_role_alias_is_refused() {
    let bundle = Bundle::Identity(Identity { role_alias: None, ..identity(1) });
    let failure = greengrass().contents(&bundle).err().expect("it could not fetch credentials");
    assert_eq!((failure.code, failure.about.as_str()), (Code::SiteInvalid, "roleAlias"));
}

#[test]
fn the_device_client_finds_its_keys() {
    let read = |bundle: &Bundle| -> serde_json::Value {
        serde_json::from_str(&config(&device_client(), bundle)).expect("JSON")
    };
    let claim = read(&bundle());
    let expected = serde_json::json!({
        "endpoint": "x-ats.iot.ap-northeast-1.amazonaws.com",
        "cert": "/etc/.aws-iot-device-client/claim.pem.crt",
        "key": "/etc/.aws-iot-device-client/claim.private.pem.key",
        "root-ca": "/etc/.aws-iot-device-client/AmazonRootCA1.pem",
        "thing-name": "Fleet_Index_SN-1",
        "fleet-provisioning": {
            "enabled": true, "template-name": "fieldkey", "template-parameters": "{\"SerialNumber\":\"SN-1\"}",
        },
    });
    assert_eq!(claim, expected);
    let identity = read(&Bundle::Identity(identity(1)));
    assert_eq!(identity["cert"], "/etc/.aws-iot-device-client/device.pem.crt");
    assert_eq!(identity["fleet-provisioning"], serde_json::json!({"enabled": false}));
}
