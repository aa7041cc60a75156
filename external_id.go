package conversion

// ExternalIDField is the API name of our field on Lead, Contact and Account, if an admin
// of the org deployed it: a unique external id that holds the entity's. Records are then
// created by an upsert, which makes one however often it is sent (spec 4.3).
const ExternalIDField = "Conversion_Id__c"
