package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"conversion"
)

type packageCmd struct {
	Output string `help:"Where to write it: a file that ends in .zip, or a folder, made if absent." default:"conversion-salesforce.zip" placeholder:"FILE.zip|FOLDER" type:"path"`
	JSON   bool   `help:"Print JSON."`
}

// Run writes the definition of our External Id field in Salesforce's metadata format.
func (c *packageCmd) Run(t terminal) error {
	files := salesforcePackage()
	write, onePackage := writeFolder, ""
	if strings.EqualFold(filepath.Ext(c.Output), ".zip") {
		write, onePackage = writeZip, " --single-package"
	}
	if err := write(c.Output, files); err != nil {
		return err
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.name
	}
	return t.facts(c.JSON, map[string]any{"output": c.Output, "files": names},
		"Wrote "+c.Output+". To deploy it:",
		"  sf project deploy start --metadata-dir "+c.Output+onePackage+" --target-org ORG",
		"  sf org assign permset --name "+permissionSet+" --target-org ORG --on-behalf-of USER")
}

// packageFile is a file of the package; its name is relative, with slashes.
type packageFile struct{ name, text string }

// permissionSet is the name of the permission set that lets the connected user fill the
// field.
const permissionSet = "Conversion_Sync"

// packageVersion is the version of the Metadata API that the files are written for. Later
// ones read them too.
const packageVersion = "62.0"

// salesforcePackage is ExternalIDField on the three objects that Conversion writes, with a
// permission set for the connected user.
func salesforcePackage() []packageFile {
	objects := append(conversion.KindContact.Objects(), conversion.KindCompany.Objects()...)
	var members, permissions strings.Builder
	files := make([]packageFile, 2, 2+len(objects))
	for _, o := range objects {
		field := string(o) + "." + conversion.ExternalIDField
		fmt.Fprintf(&members, "        <members>%s</members>\n", field)
		fmt.Fprintf(&permissions, fieldPermission, field)
		files = append(files, packageFile{"objects/" + string(o) + ".object", fmt.Sprintf(objectFile, conversion.ExternalIDField)})
	}
	files[0] = packageFile{"package.xml", fmt.Sprintf(packageManifest, members.String(), permissionSet, packageVersion)}
	files[1] = packageFile{"permissionsets/" + permissionSet + ".permissionset", fmt.Sprintf(permissionFile, permissions.String())}
	return files
}

const (
	packageManifest = `<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types>
%s        <name>CustomField</name>
    </types>
    <types>
        <members>%s</members>
        <name>PermissionSet</name>
    </types>
    <version>%s</version>
</Package>
`
	// The field holds a UUID. Unique, it lets an upsert make a record once only.
	objectFile = `<?xml version="1.0" encoding="UTF-8"?>
<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">
    <fields>
        <fullName>%s</fullName>
        <caseSensitive>false</caseSensitive>
        <description>The contact or company in Conversion that the record was created for. Filled by Conversion only.</description>
        <externalId>true</externalId>
        <label>Conversion ID</label>
        <length>36</length>
        <required>false</required>
        <type>Text</type>
        <unique>true</unique>
    </fields>
</CustomObject>
`
	permissionFile = `<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <description>Lets the user that Conversion is connected with fill the Conversion ID of new records.</description>
%s    <hasActivationRequired>false</hasActivationRequired>
    <label>Conversion Sync</label>
</PermissionSet>
`
	fieldPermission = `    <fieldPermissions>
        <editable>true</editable>
        <field>%s</field>
        <readable>true</readable>
    </fieldPermissions>
`
)

// writeZip writes the files as one zip file, in place of an earlier one.
func writeZip(path string, files []packageFile) error {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err != nil {
			return fmt.Errorf("pack %s: %w", f.name, err)
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			return fmt.Errorf("pack %s: %w", f.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack the files: %w", err)
	}
	if err := os.WriteFile(path, packed.Bytes(), 0o644); err != nil {
		return outputError(path, err)
	}
	return nil
}

// writeFolder writes the files below a folder.
func writeFolder(path string, files []packageFile) error {
	for _, f := range files {
		target := filepath.Join(path, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return outputError(path, err)
		}
		if err := os.WriteFile(target, []byte(f.text), 0o644); err != nil {
			return outputError(path, err)
		}
	}
	return nil
}

// outputError says why the output cannot be written, without the system's own words.
func outputError(path string, err error) error {
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrong.Err
	}
	return fmt.Errorf("%w: --output %s cannot be written: %w", errUsage, path, err)
}
